// What tests need to be there before they begin, made through the REST API as a program would.
import { type APIRequestContext, expect } from "@playwright/test";

/** A project with that file and suggested settings, and an On-Demand workflow of all six steps; both get the name. */
export async function makeWorkflow(request: APIRequestContext, name: string, csv: string): Promise<string> {
  const project = await post(request, "/projects", { name });
  const file = await request.post(`/api/v1/projects/${project}/files?name=people.csv`, {
    data: Buffer.from(csv),
    headers: { "content-type": "text/csv" },
  });
  expect(file.ok(), await file.text()).toBe(true);
  await post(request, `/projects/${project}/suggest`, {});
  const steps = ["import", "profile", "cleanse", "match", "merge", "export"];
  return post(request, "/workflows", { name, project_id: project, steps, schedule: { type: "on_demand" } });
}

async function post(request: APIRequestContext, path: string, data: object): Promise<string> {
  const answer = await request.post(`/api/v1${path}`, { data });
  expect(answer.ok(), `POST ${path}: ${await answer.text()}`).toBe(true);
  const { id } = await answer.json();
  return id;
}
