// What tests need to be there before they begin, made through the REST API as a program would.
import { type APIRequestContext, expect } from "@playwright/test";

const ALL_STEPS = ["import", "profile", "cleanse", "match", "merge", "export"];

/** What a workflow may be beyond its name and project; see `WorkflowDraft` in `model`. */
type Draft = Record<string, unknown>;

/** A project with that file and suggested settings, and an On-Demand workflow of all six steps; both get the name. */
export async function makeWorkflow(
  request: APIRequestContext,
  name: string,
  csv: string,
  steps = ALL_STEPS,
): Promise<string> {
  return addWorkflow(request, await makeProject(request, name, csv), name, { steps });
}

/** A project with that file and suggested settings. */
export async function makeProject(request: APIRequestContext, name: string, csv: string): Promise<string> {
  const project = await post(request, "/projects", { name });
  const file = await request.post(`/api/v1/projects/${project}/files?name=people.csv`, {
    data: Buffer.from(csv),
    headers: { "content-type": "text/csv" },
  });
  expect(file.ok(), await file.text()).toBe(true);
  await post(request, `/projects/${project}/suggest`, {});
  return project;
}

/** A workflow of that project: On-Demand and of all six steps, unless the draft says otherwise. */
export async function addWorkflow(
  request: APIRequestContext,
  project: string,
  name: string,
  draft: Draft = {},
): Promise<string> {
  const common = { name, project_id: project, steps: ALL_STEPS, schedule: { type: "on_demand" } };
  return post(request, "/workflows", { ...common, ...draft });
}

/** Lets the project's Match compare a column that there is not; call the result to take that back. */
export async function breakMatch(request: APIRequestContext, project: string): Promise<() => Promise<void>> {
  const address = `/api/v1/projects/${project}`;
  const ready = await (await request.get(address)).json();
  const save = async (config: object) => {
    const { version } = await (await request.get(address)).json();
    const answer = await request.put(address, { data: { name: ready.name, config, version } });
    expect(answer.ok(), await answer.text()).toBe(true);
  };
  const matching = JSON.stringify(ready.config.match).replaceAll('"last_name"', '"surname"');
  await save({ ...ready.config, match: JSON.parse(matching) });
  return () => save(ready.config);
}

async function post(request: APIRequestContext, path: string, data: object): Promise<string> {
  const answer = await request.post(`/api/v1${path}`, { data });
  expect(answer.ok(), `POST ${path}: ${await answer.text()}`).toBe(true);
  const { id } = await answer.json();
  return id;
}
