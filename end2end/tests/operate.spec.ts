// What an operator does: maintenance mode, several workflows at once, the history as a table.
import { card, lines, ON_DEMAND, openLive, openWorkflow, runNow } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

test("in maintenance mode every page says so and a click waits until it ends", async ({ page }) => {
  await openLive(page, "/workflows");
  await page.getByText("Server", { exact: true }).click();
  await page.getByText("Maintenance mode…").click();
  await page.getByRole("button", { name: "Start maintenance" }).click();
  const banner = page.getByRole("region", { name: "Maintenance mode" });
  await expect(banner).toContainText("switched on by");

  const workflow = card(page, ON_DEMAND);
  await workflow.getByRole("button", { name: "Run Now" }).click();
  await expect(workflow).toContainText("ends maintenance mode");
  await banner.getByRole("button", { name: "End maintenance" }).click();
  await expect(banner).toBeHidden();
  await expect(workflow).toContainText("Success");
});

test("what happened to a workflow is on its timeline, and its history is a table", async ({ page }) => {
  await openWorkflow(page, ON_DEMAND);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("Paused", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Activity" }).click();
  const entries = page.getByRole("list", { name: "Activity" }).getByRole("listitem");
  await expect(entries.first()).toContainText("Paused");
  await expect(entries.last()).toContainText("Created");

  await page.getByRole("link", { name: "Execution History" }).click();
  await runNow(page, page);
  await expect(page.getByRole("cell", { name: "Success" })).toBeVisible();
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download CSV" }).click();
  const table = await lines(await downloading);
  expect(table).toHaveLength(2);
  expect(table[1]).toContain(`${ON_DEMAND},success,manual`);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("several workflows are paused at once and found again by their state", async ({ page }) => {
    await page.goto("/workflows");
    for (const name of [ON_DEMAND, "Nightly clean-up"]) {
      await page.getByRole("checkbox", { name: `Select ${name}` }).check();
    }
    await page.getByRole("form", { name: "Selected workflows" }).getByRole("button", { name: "Pause" }).click();
    await expect(page.getByRole("status").filter({ hasText: ON_DEMAND })).toContainText("Paused");
    await page.getByRole("navigation", { name: "State" }).getByRole("link", { name: "Paused 2" }).click();
    await expect(page.getByRole("article")).toHaveCount(2);
    await page.getByRole("combobox", { name: "Sort by" }).selectOption("Failures first");
    await page.getByRole("button", { name: "Apply" }).click();
    await expect(page).toHaveURL(/state=paused.*sort=failures|sort=failures.*state=paused/);
    await expect(page.getByRole("article")).toHaveCount(2);
  });

  test("the dark theme is chosen and stays", async ({ page }) => {
    const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    await page.goto("/workflows");
    await page.getByText("Server", { exact: true }).click();
    await page.getByRole("form", { name: "Theme" }).getByRole("button", { name: "Dark" }).click();
    await page.goto("/executions");
    expect(await scheme()).toBe("dark");
  });
});
