// Every page with something on it, and what a new server shows. To be looked at by people; nothing is compared.
import { expect, test } from "../support/test.ts";
import { Camera, type Prepare } from "./camera.ts";
import { Story } from "./story.ts";

test.describe("a new server", () => {
  test.use({ demo: false });

  test("pages without content", async ({ browser, server }) => {
    const camera = await Camera.at(browser, server.url);
    await camera.take("empty-overview", "/");
    await camera.take("empty-workflows", "/workflows");
    await camera.take("empty-workflow-new", "/workflows/new");
    await camera.take("empty-executions", "/executions");
    await camera.take("empty-timeline", "/executions?view=timeline");
    await camera.take("empty-projects", "/projects");
    await camera.take("project-new", "/projects/new");
    await camera.take("empty-activity", "/activity?subject=token");
    await camera.take("not-found", "/no-such-page");
  });
});

test("pages with content", async ({ browser, server, request }) => {
  const camera = await Camera.at(browser, server.url);
  const story = await Story.tell(request);
  await story.cancelOne();

  const register = `/workflows/${await story.workflow("Residents register")}`;
  await story.meetAtWork(async () => {
    const running = `/executions/${await story.execution("Residents register", "running")}`;
    await camera.take("overview", "/");
    await camera.take("workflows", "/workflows");
    await camera.take("workflow-running", register);
    await camera.take("execution-running", running);
    await camera.take("execution-running-cancel", running, open("Cancel"));
    await camera.take("execution-queued", `/executions/${await story.execution("Residents, quality report", "queued")}`);
    await camera.take("executions", "/executions");
  });

  const list = `/workflows/${await story.workflow("Member list")}`;
  await camera.take("workflow-history", list);
  await camera.take("workflow-history-open", `${list}?open=${await story.execution("Member list", "success")}`);
  await camera.take("workflow-configuration", `${list}?tab=configuration`);
  await camera.take("workflow-activity", `${list}?tab=activity`);
  await camera.take("workflow-activity-runs", `${list}?tab=activity&show=runs`);
  await camera.take("workflow-suspended", `/workflows/${await story.workflow("Supplier master data")}`);
  await camera.take("workflow-edit", `${list}/edit`);
  await camera.take("workflow-new", "/workflows/new", fillForm);
  await camera.take("workflow-new-refused", "/workflows/new", refuseForm);
  await camera.take("workflows-menu", "/workflows", open("More actions for Member list"));
  await camera.take("workflows-filtered", "/workflows?q=nothing+of+this+name");
  await camera.take("executions-filtered", "/executions?status=failed");
  await camera.take("timeline-day", "/executions?view=timeline");
  await camera.take("timeline-week", "/executions?view=timeline&span=week");
  for (const [status, workflow] of [
    ["success", "Nightly clean-up"],
    ["failed", "Campaign contacts"],
    ["cancelled", "Residents register"],
  ] as const) {
    await camera.take(`execution-${status}`, `/executions/${await story.execution(workflow, status)}`);
  }
  await camera.take("execution-retried", `/executions/${await story.execution("Supplier master data", "failed")}`);

  await camera.take("projects", "/projects");
  const customers = `/projects/${await story.project("Customers")}`;
  await camera.take("project-results", customers);
  await camera.take("project-sources", `${customers}?tab=sources`);
  await camera.take("project-configuration", `${customers}?tab=configuration`);
  await camera.take("matches-groups", `${customers}/matches`);
  await camera.take("matches-pairs", `${customers}/matches?view=pairs`);
  await camera.take("matches-model", `${customers}/matches?view=model`);
  await camera.take("group", `${customers}/groups/1`);
  await camera.take("pair", `${customers}/pairs/0/1`);
  await camera.take("project-activity", `/projects/${await story.project("Members")}?tab=activity`);
  await camera.take("activity", "/activity");
  await camera.take("reference", "/api?group=executions");
  await camera.take("reference-types", "/api?group=types");
  await camera.take("bell", "/workflows", open(/^News/));
  await camera.take("server-menu", "/workflows", open("Server"));
  await request.put("/api/v1/maintenance", { data: { on: true } });
  await camera.take("maintenance", "/workflows");
});

/** Opens what opens from the button of that name. */
function open(name: string | RegExp): Prepare {
  return (page) => page.locator("summary").and(page.getByLabel(name).or(page.getByText(name))).first().click();
}

const fillForm: Prepare = async (page) => {
  await page.getByLabel("Name").fill("Member list, weekdays");
  await page.getByLabel("Project", { exact: true }).selectOption({ label: "Members" });
  await page.getByRole("checkbox", { name: "Export" }).check();
  await page.getByRole("radio", { name: /cron/i }).check();
  await page.getByLabel("Cron expression").fill("30 5 * * 1-5");
  await expect(page.getByRole("status", { name: "Next runs" }).getByRole("listitem")).toHaveCount(5);
};

const refuseForm: Prepare = async (page) => {
  await page.getByRole("radio", { name: /cron/i }).check();
  await page.getByLabel("Cron expression").fill("0 25 * * *");
  await expect(page.getByText("25 is not in 0–23")).toBeVisible();
  await page.getByLabel("Tell by e-mail").fill("ann@example.com, nobody");
  await page.getByRole("button", { name: "Create workflow" }).click();
  await expect(page.getByText("“nobody” is not an e-mail address.")).toBeVisible();
};
