// What is on the pictures: a town's week of lists to be matched, made through the REST API, every run a real one.
import type { APIRequestContext } from "@playwright/test";
import { addWorkflow, breakMatch, makeProject } from "../support/api.ts";
import { peopleCsv } from "../support/records.ts";
import { expect } from "../support/test.ts";

/** Enough people for a run to be met at work; see `Story.meetAtWork`. */
const MANY = 300_000;

export class Story {
  readonly #request: APIRequestContext;

  private constructor(request: APIRequestContext) {
    this.#request = request;
  }

  /** Everything that has ended. What begins with "Nightly" comes with the demo. */
  static async tell(request: APIRequestContext): Promise<Story> {
    const story = new Story(request);
    const weekdays = { type: "cron", expression: "30 5 * * 1-5" };
    const told = { emails: ["data@example.org"], on_failure: true, on_recovery: true };

    const visitors = await makeProject(request, "Web sign-ups", peopleCsv(120));
    await addWorkflow(request, visitors, "Web sign-ups", { schedule: { type: "simple", every: 1, unit: "minutes" } });

    const members = await makeProject(request, "Members", peopleCsv(2_000));
    const list = await addWorkflow(request, members, "Member list", {
      schedule: weekdays,
      suspend_after: 0,
      notifications: told,
    });
    await story.#runs(list, "success", 6);
    await story.#failing(members, () => story.#runs(list, "failed", 2));
    await story.#ask(`/workflows/${list}/pause`);
    await story.#ask(`/workflows/${list}/resume`);
    await story.#runs(list, "success", 7);
    await addWorkflow(request, members, "Member list, weekly profile", {
      steps: ["import", "profile"],
      schedule: { type: "simple", every: 7, unit: "days" },
    });

    const contacts = await makeProject(request, "Campaign contacts", peopleCsv(700));
    const campaign = await addWorkflow(request, contacts, "Campaign contacts", {
      schedule: { type: "simple", every: 4, unit: "hours" },
      suspend_after: 0,
      notifications: told,
    });
    await story.#runs(campaign, "success", 9);
    await breakMatch(request, contacts);
    await story.#runs(campaign, "failed", 1);

    const suppliers = await makeProject(request, "Suppliers", peopleCsv(400));
    const master = await addWorkflow(request, suppliers, "Supplier master data", {
      schedule: { type: "cron", expression: "0 22 * * *" },
      suspend_after: 2,
      retries: 1,
      retry_delays_s: [0],
    });
    await story.#runs(master, "success", 3);
    await breakMatch(request, suppliers);
    await story.#runs(master, "failed", 2);

    const donors = await makeProject(request, "Donors", peopleCsv(3_000));
    const paused = await addWorkflow(request, donors, "Donor list", { schedule: weekdays });
    await story.#runs(paused, "success", 4);
    await story.#ask(`/workflows/${paused}/pause`);

    await story.#runs(await story.workflow("Every six hours"), "success", 2);
    const nightly = await story.workflow("Nightly clean-up");
    await story.#runs(nightly, "success", 3);
    await story.#ended(await story.#run(nightly));
    return story;
  }

  /** The id of the workflow of that name. */
  async workflow(name: string): Promise<string> {
    return this.#idOf("/workflows", name);
  }

  /** The id of the project of that name. */
  async project(name: string): Promise<string> {
    return this.#idOf("/projects", name);
  }

  /** The newest execution of the workflow of that name, or its newest of that status. */
  async execution(workflow: string, status = ""): Promise<string> {
    const query = `workflow=${await this.workflow(workflow)}${status && `&status=${status}`}`;
    const { items } = await this.#read(`/executions?limit=1&${query}`);
    return items[0].id;
  }

  /** Cancels a long run in the middle of Match. */
  async cancelOne(): Promise<void> {
    const project = await makeProject(this.#request, "Residents", peopleCsv(MANY));
    const schedule = { type: "cron", expression: "0 3 * * 0" };
    const workflow = await addWorkflow(this.#request, project, "Residents register", { schedule });
    await addWorkflow(this.#request, project, "Residents, quality report", { steps: ["import", "profile"] });
    await this.#ask(`/executions/${await this.#reachMatch(workflow)}/cancel`);
    await this.#ended(await this.execution("Residents register"));
  }

  /**
   * Looks on while a long run is at Match, with others waiting behind it. If it ended before all was seen, it is run and
   * looked at again.
   */
  async meetAtWork(look: () => Promise<void>): Promise<void> {
    const workflow = await this.workflow("Residents register");
    let status = "";
    while (status !== "running") {
      const execution = await this.#reachMatch(workflow);
      await this.#run(workflow);
      await this.#run(await this.workflow("Residents, quality report"));
      await look();
      ({ status } = await this.#read(`/executions/${execution}`));
      const waiting = await this.#read("/executions?status=queued");
      for (const { id } of [...waiting.items, { id: execution }]) {
        await this.#request.post(`/api/v1/executions/${id}/cancel`);
        await this.#ended(id);
      }
    }
  }

  /** As a program runs it. */
  async #runs(workflow: string, end: "success" | "failed", times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      const { id } = await this.#ask(`/workflows/${workflow}/executions`);
      expect(await this.#ended(id)).toBe(end);
    }
  }

  async #failing(project: string, run: () => Promise<void>): Promise<void> {
    const mend = await breakMatch(this.#request, project);
    await run();
    await mend();
  }

  /** Presses Run Now, as a browser without JavaScript does. */
  async #run(workflow: string): Promise<string> {
    const answer = await this.#request.post("/_fn/run_now", { form: { workflow, key: crypto.randomUUID() } });
    expect(answer.ok(), await answer.text()).toBe(true);
    const { items } = await this.#read(`/executions?limit=1&workflow=${workflow}`);
    return items[0].id;
  }

  /** Starts the workflow and comes back when the run is at Match. */
  async #reachMatch(workflow: string): Promise<string> {
    const execution = await this.#run(workflow);
    const atMatch = async () => {
      const { steps } = await this.#read(`/executions/${execution}`);
      return steps.find(({ step }: { step: string }) => step === "match").status;
    };
    await expect.poll(atMatch).toBe("running");
    return execution;
  }

  /** Waits for the end and gives the status. */
  async #ended(execution: string): Promise<string> {
    let status = "";
    const read = async () => ({ status } = await this.#read(`/executions/${execution}`)).status;
    await expect.poll(read, { intervals: [50] }).toMatch(/^(success|failed|cancelled)$/);
    return status;
  }

  async #idOf(path: string, name: string): Promise<string> {
    const { items } = await this.#read(path);
    return items.find((item: { name: string }) => item.name === name).id;
  }

  async #read(path: string) {
    const answer = await this.#request.get(`/api/v1${path}`);
    expect(answer.ok(), `GET ${path}: ${await answer.text()}`).toBe(true);
    return answer.json();
  }

  async #ask(path: string) {
    const answer = await this.#request.post(`/api/v1${path}`);
    expect(answer.ok(), `POST ${path}: ${await answer.text()}`).toBe(true);
    return answer.json();
  }
}
