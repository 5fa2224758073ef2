// What tests need to be there before they begin, made through the REST API as a program would.
import { type APIRequestContext, expect } from "@playwright/test";

/** What a workflow may be beyond its name and project; see `WorkflowDraft` in `model`. */
type Draft = Record<string, unknown>;

/** A project with that file and suggested settings, and a workflow on it; both get the name. */
export async function makeWorkflow(
  request: APIRequestContext,
  name: string,
  csv: string,
  draft: Draft = {},
): Promise<string> {
  return addWorkflow(request, await makeProject(request, name, csv), name, draft);
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
  const steps = ["import", "profile", "cleanse", "match", "merge", "export"];
  const common = { name, project_id: project, steps, schedule: { type: "on_demand" } };
  return post(request, "/workflows", { ...common, ...draft });
}

/** The project of a workflow. */
export async function projectOf(request: APIRequestContext, workflow: string): Promise<string> {
  const { project_id } = await (await request.get(`/api/v1/workflows/${workflow}`)).json();
  return project_id;
}

/** Lets the project's Match compare a column that there is not; call the result to take that back. */
export async function breakMatch(request: APIRequestContext, project: string): Promise<() => Promise<void>> {
  const ready = await configure(request, project, (config) => {
    const matching = JSON.stringify(config.match).replaceAll('"last_name"', '"surname"');
    return { ...config, match: JSON.parse(matching) };
  });
  return async () => void (await configure(request, project, () => ready));
}

type Config = Record<string, unknown>;

/** Saves the project's settings as `change` makes them, and gives what they were. */
export async function configure(
  request: APIRequestContext,
  project: string,
  change: (config: Config) => Config,
): Promise<Config> {
  const address = `/api/v1/projects/${project}`;
  const { name, config, version } = await (await request.get(address)).json();
  const answer = await request.put(address, { data: { name, config: change(config), version } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return config;
}

async function post(request: APIRequestContext, path: string, data: object): Promise<string> {
  const answer = await request.post(`/api/v1${path}`, { data });
  expect(answer.ok(), `POST ${path}: ${await answer.text()}`).toBe(true);
  const { id } = await answer.json();
  return id;
}
