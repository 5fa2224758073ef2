// What people do, from end to end, on the real binary.
import { card, history, lines, ON_DEMAND, openLive, openWorkflow, recordSteps, runNow, STEPS } from "../support/pages.ts";
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
  const waiting = page.getByRole("region", { name: "Queued execution" }).last();
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
