// What people do, from end to end, on the real binary.
import { breakMatch, makeWorkflow, projectOf } from "../support/api.ts";
import { card, history, lines, ON_DEMAND, openLive, openWorkflow, recordSteps, runNow, STEPS } from "../support/pages.ts";
import { peopleCsv } from "../support/records.ts";
import { expect, test } from "../support/test.ts";

test("a new user clicks Run Now and downloads golden records", async ({ page }) => {
  await openLive(page, "/workflows");
  const workflow = card(page, ON_DEMAND);
  await expect(workflow).toContainText("Never run");
  const steps = await recordSteps(workflow);

  await workflow.getByRole("button", { name: "Run Now" }).click();
  // Nothing is reloaded: what the card shows came over the websocket.
  await expect(workflow).toContainText("Success");
  expect(await steps()).toEqual(STEPS.map((step, at) => `Step ${at + 1} of 6: ${step}`));
  await expect(workflow).toContainText("5,000 records");

  await workflow.getByRole("link", { name: ON_DEMAND }).click();
  const row = history(page).first();
  await expect(row).toContainText("Manual");
  await expect(row).toContainText("Success");
  await row.getByRole("button", { name: "Show details" }).click();
  for (const step of STEPS) {
    await expect(page.getByRole("listitem").filter({ hasText: `${step}Success` })).toBeVisible();
  }
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: /\.csv$/ }).first().click();
  const golden = await lines(await downloading);
  // Fewer than came in, since duplicates were merged; far more than none.
  expect(golden.length).toBeGreaterThan(1_000);
  expect(golden.length).toBeLessThan(5_000);
  expect(golden[0]).toContain("email");
});

test("Run Now on the workflow's page shows the steps and adds a row to the history", async ({ page }) => {
  await openWorkflow(page, ON_DEMAND);
  const execution = await runNow(page, page);
  await expect(history(page)).toHaveCount(1);
  await expect(history(page).first()).toContainText("Success");

  await page.goto(execution);
  await expect(page.getByRole("status").filter({ hasText: "Success" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Steps" }).getByRole("listitem")).toHaveCount(STEPS.length);
});

test("clicks made on purpose queue behind the running execution, and a queued one can be cancelled", async ({ page }) => {
  await openWorkflow(page, ON_DEMAND);
  await runNow(page, page);
  await runNow(page, page);
  await runNow(page, page);
  const queued = page.getByRole("region", { name: "Queued execution" });
  await expect(queued).toHaveCount(2);
  const waiting = queued.last();
  await expect(waiting).toContainText("in line");
  await waiting.getByText("Cancel", { exact: true }).click();
  await waiting.getByRole("button", { name: "Cancel the execution" }).click();

  await expect(history(page)).toHaveCount(3);
  await expect(history(page).first()).toContainText("Cancelled");
  await expect(history(page).nth(1)).toContainText("Success");
  await expect(history(page).nth(2)).toContainText("Success");
});

test("a workflow is paused, runs all the same on Run Now, and is resumed", async ({ page }) => {
  await openWorkflow(page, "Nightly clean-up");
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("Paused", { exact: true })).toBeVisible();
  await runNow(page, page);
  await expect(history(page).first()).toContainText("Success");
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText("Active", { exact: true })).toBeVisible();
});

test("a running execution is cancelled and recorded as Cancelled", async ({ page, request }) => {
  await makeWorkflow(request, "Long", peopleCsv(60_000));
  await openWorkflow(page, "Long");
  await runNow(page, page);
  const running = page.getByRole("region", { name: "Running execution" });
  await running.getByText("Cancel", { exact: true }).click();
  await expect(running.getByRole("paragraph").filter({ hasText: "stops at the current step" })).toBeVisible();
  await running.getByRole("button", { name: "Cancel the execution" }).click();

  const row = history(page).first();
  await expect(row).toContainText("Cancelled");
  await row.getByRole("button", { name: "Show details" }).click();
  await expect(page.getByText("stopped here")).toBeVisible();
});

test("a step that failed is mended, and the run goes on from there", async ({ page, request }) => {
  const workflow = await makeWorkflow(request, "Members", peopleCsv(300));
  const mend = await breakMatch(request, await projectOf(request, workflow));
  await openWorkflow(page, "Members");
  const failed = await runNow(page, page);
  await page.goto(failed);
  await expect(page.getByText("Failed at Match:", { exact: true })).toBeVisible();
  await mend();

  await page.getByRole("button", { name: "Run again from Match" }).click();
  await page.getByRole("link", { name: "See the execution" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Success" })).toBeVisible();
  await expect(page.getByText(/^Manual, .* · from Match$/)).toBeVisible();
  const steps = page.getByRole("region", { name: "Steps" }).getByRole("listitem");
  await expect(steps.filter({ hasText: "the result of an earlier run is used" })).toHaveCount(3);
  await expect(steps.filter({ hasText: "Success" })).toHaveCount(3);
});

test.describe("without the demo", () => {
  test.use({ demo: false });

  test("a CSV becomes a project, a run and golden records", async ({ page }) => {
    await openLive(page, "/projects");
    await page.getByRole("link", { name: "New project" }).first().click();
    const file = { name: "members.csv", mimeType: "text/csv", buffer: Buffer.from(peopleCsv(300)) };
    await page.getByLabel("Files").setInputFiles(file);
    await expect(page.getByLabel("Name")).toHaveValue("members");
    await page.getByRole("button", { name: "Create project" }).click();

    await expect(page.getByRole("heading", { level: 1, name: "members" })).toBeVisible();
    await expect(page.getByRole("heading", { name: "Ready to run" })).toBeVisible();
    await page.getByRole("button", { name: "Run it now" }).click();
    // It leads to the workflow, where the run is watched; the project is one step up.
    await expect(page.getByRole("cell", { name: "Success" })).toBeVisible();
    await page.getByRole("link", { name: "members" }).click();
    await expect(page.getByRole("heading", { name: /300 golden records$/ })).toBeVisible();
    await expect(page.getByRole("heading", { name: "Files of the latest run" })).toBeVisible();
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: /\.csv$/ }).first().click();
    expect(await lines(await downloading)).toHaveLength(1 + 300);

    await page.getByRole("link", { name: "Sources and profile" }).click();
    await expect(page.getByRole("region", { name: "Profile of members" })).toContainText("last_name");
  });
});

test.describe("a form that is refused once", () => {
  test.use({ demo: false, expectedMessages: /status of 422/ });

  test("a project is made for records that are elsewhere", async ({ page }) => {
    await page.goto("/projects/new");
    await page.getByLabel("Empty project").fill("Branches");
    await page.getByRole("button", { name: "Create empty project" }).click();
    await page.getByText("Or say where the file is").click();
    const address = page.getByLabel("Address");
    await address.fill("sftp://files.example.org/out/people.csv");
    await page.getByRole("button", { name: "Add source" }).click();

    // What is missing is said at its field, and nothing typed is lost.
    await expect(page.getByText("Has to be the fingerprint of the server's key")).toBeVisible();
    await expect(page.getByLabel("Key of the SFTP server")).toBeFocused();
    await expect(address).toHaveValue("sftp://files.example.org/out/people.csv");

    await address.fill("https://files.example.org/out/people.csv");
    await page.getByRole("button", { name: "Add source" }).click();
    const source = page.getByRole("heading", { name: "people" });
    await expect(source).toBeVisible();
    await expect(page.getByText("https://files.example.org/out/people.csv · read anew in every run")).toBeVisible();
    await expect(address).toHaveValue("");
  });

  test("a workflow is made with a preview of its runs, then edited", async ({ page, request }) => {
    await makeWorkflow(request, "Existing", peopleCsv(30));
    await openLive(page, "/workflows");
    await page.getByRole("link", { name: "New workflow" }).click();
    await page.getByLabel("Name").fill("Weekdays");
    await page.getByLabel("Project", { exact: true }).selectOption({ label: "Existing" });
    await page.getByRole("checkbox", { name: "Export" }).check();
    await expect(page.getByRole("checkbox", { name: "Import" })).toBeChecked();
    await page.getByRole("radio", { name: /cron/i }).check();

    // A wrong field is named before anything is saved, and nothing typed is lost.
    await page.getByLabel("Cron expression").fill("0 25 * * *");
    await expect(page.getByText("25 is not in 0–23")).toBeVisible();
    await page.getByLabel("Cron expression").fill("0 2 * * 1-5");
    const preview = page.getByRole("status", { name: "Next runs" });
    await expect(preview.getByRole("listitem")).toHaveCount(5);
    await expect(preview).toContainText("Monday to Friday");

    // The same by clicks: what is typed is shown there, what is clicked is written.
    const often = page.getByRole("group", { name: "How often" });
    await expect(often.getByRole("button", { name: "Weekly" })).toHaveAttribute("aria-pressed", "true");
    const days = page.getByRole("group", { name: "Days of the week" });
    await expect(days.getByRole("button", { pressed: true })).toHaveCount(5);
    await days.getByRole("button", { name: "Saturday" }).click();
    await expect(page.getByLabel("Cron expression")).toHaveValue("0 2 * * 1-6");
    await expect(preview).toContainText("Monday to Saturday");
    await often.getByRole("button", { name: "Monthly" }).click();
    await page.getByLabel("on day").fill("15");
    await page.getByLabel("on day").press("Tab");
    await expect(page.getByLabel("Cron expression")).toHaveValue("0 2 15 * *");
    await page.getByLabel("Cron expression").fill("*/20 * * * *");
    await expect(often.getByRole("button", { name: "Custom" })).toHaveAttribute("aria-pressed", "true");
    await page.getByLabel("Cron expression").fill("0 2 * * 1-5");
    await expect(preview).toContainText("Monday to Friday");
    await page.getByRole("button", { name: "Create workflow" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Weekdays" })).toBeVisible();

    await page.getByRole("link", { name: "Edit" }).click();
    await page.getByLabel("Name").fill("Weekday nights");
    await page.getByLabel("Tell by e-mail").fill("ann@example.com, nobody");
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("“nobody” is not an e-mail address.")).toBeVisible();
    await page.getByLabel("Tell by e-mail").fill("ann@example.com");
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Weekday nights" })).toBeVisible();
    await page.getByRole("link", { name: "Configuration" }).click();
    await expect(page.getByText("on failure, to ann@example.com")).toBeVisible();
  });
});
