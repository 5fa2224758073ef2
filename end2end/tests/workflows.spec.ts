// A workflow through its states: failing and mended, suspended and resumed, edited by two, found among many.
import { addWorkflow, breakMatch, configure, makeWorkflow, projectOf } from "../support/api.ts";
import { card, history, ON_DEMAND, openLive, openWorkflow, runNow } from "../support/pages.ts";
import { peopleCsv } from "../support/records.ts";
import { expect, test } from "../support/test.ts";

test("a failing workflow says why, is suspended, mended, resumed and runs", async ({ page, request }) => {
  const workflow = await makeWorkflow(request, "Members", peopleCsv(300), { suspend_after: 1 });
  const mend = await breakMatch(request, await projectOf(request, workflow));
  await openLive(page, "/workflows");
  const members = card(page, "Members");
  await members.getByRole("button", { name: "Run Now" }).click();
  // Who opens the list next morning learns from the card alone what broke, and where.
  await expect(members).toContainText("Suspended");
  await expect(members).toContainText("surname");

  await members.getByRole("link", { name: "Members", exact: true }).first().click();
  const main = page.getByRole("main");
  await expect(main.getByText("Suspended: The last run failed.")).toBeVisible();
  await expect(main.getByText("surname").first()).toBeVisible();
  await mend();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText("Active", { exact: true })).toBeVisible();
  await runNow(page, page);
  await expect(history(page).first()).toContainText("Success");
  await expect(history(page)).toHaveCount(2);
});

test.describe("refused once", () => {
  test.use({ expectedMessages: /status of 422/ });

  test("an edit that another overtook shows both versions, and loses nothing", async ({ page, context }) => {
    await openWorkflow(page, ON_DEMAND);
    await page.getByRole("link", { name: "Edit" }).click();
    await page.getByLabel("Name").fill("Customers, by me");
    const colleague = await context.newPage();
    await colleague.goto(page.url());
    await colleague.getByLabel("Name").fill("Customers, by a colleague");
    await colleague.getByRole("button", { name: "Save changes" }).click();
    await expect(colleague.getByRole("heading", { level: 1, name: "Customers, by a colleague" })).toBeVisible();

    await page.getByRole("button", { name: "Save changes" }).click();
    const conflict = page.getByRole("alert").filter({ hasText: "Someone else saved this workflow meanwhile" });
    await expect(conflict.getByRole("row", { name: /^Name/ })).toContainText("by a colleague");
    await expect(conflict.getByRole("row", { name: /^Name/ })).toContainText("by me");
    await expect(page.getByLabel("Name")).toHaveValue("Customers, by me");
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Customers, by me" })).toBeVisible();
  });
});

test("an execution is cancelled while it writes its export", async ({ page, request }) => {
  const workflow = await makeWorkflow(request, "Members", peopleCsv(20_000));
  const project = await projectOf(request, workflow);
  await openWorkflow(page, "Members");
  await runNow(page, page);
  await expect(history(page).first()).toContainText("Success");

  // Many files: long enough for a person to change her mind.
  const targets = Array.from({ length: 60 }, (_, at) => ({ type: "file", name: `out${at}.csv`, format: { type: "csv" } }));
  await configure(request, project, (config) => ({ ...config, export: { ...(config.export as object), targets } }));
  await addWorkflow(request, project, "Members out", { steps: ["export"] });
  await openWorkflow(page, "Members out");
  await runNow(page, page);
  const running = page.getByRole("region", { name: "Running execution" });
  await running.getByText("Cancel", { exact: true }).click();
  await expect(running.getByRole("paragraph").filter({ hasText: "verify it after the cancellation" })).toBeVisible();
  await running.getByRole("button", { name: "Cancel the execution" }).click();
  await expect(history(page).first()).toContainText("Cancelled");
  await history(page).first().getByRole("button", { name: "Show details" }).click();
  await expect(page.getByRole("link", { name: /\.csv$/ })).toHaveCount(0);
});

test("a retry that waits is cancelled, and the run is over", async ({ page, request }) => {
  const retried = { retries: 1, retry_delays_s: [3600] };
  const workflow = await makeWorkflow(request, "Members", peopleCsv(300), retried);
  await breakMatch(request, await projectOf(request, workflow));
  await openWorkflow(page, "Members");
  await runNow(page, page);
  const waiting = page.getByRole("region", { name: "Queued execution" });
  await expect(waiting).toContainText("a retry that starts");
  await waiting.getByText("Cancel", { exact: true }).click();
  await waiting.getByRole("button", { name: "Cancel the execution" }).click();
  await expect(history(page).first()).toContainText("Cancelled");
  await expect(history(page).last()).toContainText("Failed");
  await expect(waiting).toHaveCount(0);
});

test("the history of all workflows is filtered and paged, and its address can be passed on", async ({ page, request }) => {
  const small = { steps: ["import"] };
  const [a, b] = [
    await makeWorkflow(request, "A", peopleCsv(3), small),
    await makeWorkflow(request, "B", peopleCsv(3), small),
  ];
  for (let count = 0; count < 60; count++) {
    expect((await request.post(`/api/v1/workflows/${count % 6 === 0 ? b : a}/executions`)).status()).toBe(202);
  }
  await openLive(page, "/executions?status=success");
  const rows = page.getByRole("table").getByRole("row").filter({ has: page.getByRole("cell") });
  // The page follows the runs as they end.
  await expect(rows).toHaveCount(50);
  await expect
    .poll(async () => (await (await request.get("/api/v1/executions?status=success&limit=100")).json()).items.length)
    .toBe(60);
  // The way to the older ones begins where the page that one looks at ends.
  await page.reload();
  await page.getByRole("link", { name: "Older" }).click();
  await expect(rows).toHaveCount(10);
  await page.getByRole("link", { name: "Newest" }).click();
  await expect(rows).toHaveCount(50);

  await openLive(page, `/executions?workflow=${b}`);
  await expect(rows).toHaveCount(10);
  await page.getByLabel("Trigger").selectOption({ label: "API" });
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/trigger=api/);
  await expect(rows).toHaveCount(10);
  await page.getByLabel("Status").selectOption({ label: "Failed" });
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByRole("heading", { name: "No execution fits" })).toBeVisible();
  await page.goBack();
  await expect(rows).toHaveCount(10);
  await page.reload();
  await page.getByRole("link", { name: "Workflow: B: show all" }).click();
  await expect(rows).toHaveCount(50);
});

test("a test shows which recipients it reaches before they are saved", async ({ page }) => {
  await openWorkflow(page, ON_DEMAND);
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Tell by e-mail").fill("ann@example.com");
  await page.getByLabel("Call a webhook").fill("http://10.0.0.1/hook");
  await page.getByRole("button", { name: "Send a test" }).click();
  const outcomes = page.getByRole("list", { name: "Test" }).getByRole("listitem");
  await expect(outcomes).toHaveCount(2);
  await expect(outcomes.first()).toContainText("No mail server is set");
  await expect(outcomes.last()).toContainText("a webhook at 10.0.0.1Not delivered10.0.0.1 is in a private network");
  await expect(page.getByLabel("Tell by e-mail")).toHaveValue("ann@example.com");
});
