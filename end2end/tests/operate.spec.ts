// What an operator does: maintenance mode, several workflows at once, the history as a table.
import { breakMatch, makeWorkflow, projectOf } from "../support/api.ts";
import { card, lines, ON_DEMAND, openLive, openWorkflow, runNow } from "../support/pages.ts";
import { peopleCsv } from "../support/records.ts";
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

test("who changed what is told with what it was, to the workflow, the project and the whole server", async ({ page }) => {
  await openWorkflow(page, ON_DEMAND);
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("When it fails, try again").selectOption("2");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("link", { name: "Activity" }).click();
  const entries = page.getByRole("list", { name: "Activity" }).getByRole("listitem");
  await expect(entries.first()).toContainText("Edited; this is version 2");
  await expect(entries.first().getByRole("term")).toHaveText("Retries");
  await expect(entries.first().getByRole("deletion")).toHaveText("0");
  await expect(entries.first().getByRole("insertion")).toHaveText("2");
  await expect(entries.first()).toContainText("local from 127.0.0.1");
  await runNow(page, page);
  await page.getByRole("link", { name: "Runs" }).click();
  await expect(entries).toHaveCount(1);
  await expect(entries.first().getByRole("link", { name: "Asked for a run" })).toBeVisible();

  await page.getByText("Server", { exact: true }).click();
  await page.getByRole("link", { name: "Activity" }).first().click();
  await page.getByLabel("Who").selectOption("local");
  await page.getByLabel("What").selectOption("Workflow");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/actor=local/);
  await expect(entries).toHaveCount(1);
  await expect(entries.getByRole("link", { name: ON_DEMAND })).toBeVisible();
});

test("what one started is told wherever one is, and what failed rings the bell", async ({ page, request }) => {
  // Enough people for the run to go on while the page is left.
  const workflow = await makeWorkflow(request, "Members", peopleCsv(10_000));
  await breakMatch(request, await projectOf(request, workflow));
  await openWorkflow(page, "Members");
  await runNow(page, page);
  await openLive(page, "/projects");
  const toast = page.getByRole("status").filter({ hasText: "“Members” failed at Match" });
  await expect(toast.getByRole("link", { name: "See why" })).toBeVisible();

  const bell = page.getByLabel(/^News, /);
  await expect(bell).toHaveAccessibleName("News, 1 new");
  await bell.click();
  const news = page.getByRole("region", { name: "News" });
  await expect(news.getByRole("listitem")).toHaveCount(1);
  await expect(news.getByRole("link", { name: "Members failed" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(bell).toHaveAccessibleName("News, nothing new");

  // Nobody in this browser asked for it, and all the same it is told.
  await request.post(`/api/v1/workflows/${workflow}/executions`);
  await expect(bell).toHaveAccessibleName("News, 1 new");
});

test("all workflows of a page are ticked at once, and nothing is ticked after the action", async ({ page }) => {
  await openLive(page, "/workflows");
  const boxes = page.getByRole("checkbox", { name: /^Select (?!all)/ });
  await page.getByRole("checkbox", { name: /^Select all/ }).check();
  for (const box of await boxes.all()) {
    await expect(box).toBeChecked();
  }
  const bar = page.getByRole("form", { name: "Selected workflows" });
  await boxes.first().uncheck();
  await expect(page.getByRole("checkbox", { name: /^Select all/ })).not.toBeChecked();
  await bar.getByRole("button", { name: "Pause" }).click();
  await expect(card(page, ON_DEMAND).or(card(page, "Nightly clean-up")).getByText("Paused").first()).toBeVisible();
  await expect(boxes.and(page.locator(":checked"))).toHaveCount(0);
  await expect(bar).toBeHidden();
});

test("a log is searched and taken away as text", async ({ page }) => {
  await openWorkflow(page, ON_DEMAND);
  const execution = await runNow(page, page);
  await expect(page.getByRole("cell", { name: "Success" })).toBeVisible();
  await openLive(page, execution);
  const sheet = page.getByRole("region", { name: "Log" });
  const all = await sheet.getByRole("listitem").count();
  await sheet.getByRole("searchbox").fill("MERGE");
  await sheet.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/log=MERGE/);
  await expect(sheet.getByText(new RegExp(`^\\d+ of ${all} lines`))).toBeVisible();
  expect(await sheet.getByRole("listitem").count()).toBeLessThan(all);
  const downloading = page.waitForEvent("download");
  await sheet.getByRole("link", { name: "Download log" }).click();
  expect(await lines(await downloading)).toHaveLength(all);
});

test("what ran and what will run is on a line in time", async ({ page }) => {
  await openWorkflow(page, ON_DEMAND);
  await runNow(page, page);
  await expect(page.getByRole("cell", { name: "Success" })).toBeVisible();
  await openLive(page, "/executions");
  await page.getByRole("link", { name: "Timeline" }).click();
  // Berlin, as playwright.config.ts says: the days are the viewer's.
  await expect(page.getByText(/^UTC\+0[12]:00$/)).toBeVisible();
  const rows = page.getByRole("region", { name: "Timeline" }).getByRole("listitem");
  await expect(rows.filter({ hasText: ON_DEMAND })).toContainText("1 succeeded");
  await expect(rows.filter({ hasText: "Every six hours" })).toContainText(/\d planned/);
  await page.getByRole("navigation", { name: "Time" }).getByRole("link", { name: "Later" }).click();
  await expect(rows.filter({ hasText: "Every six hours" })).toContainText(/4 planned/);
  await expect(rows.filter({ hasText: ON_DEMAND })).toHaveCount(0);
  await page.getByRole("navigation", { name: "Range" }).getByRole("link", { name: "Week" }).click();
  await expect(page).toHaveURL(/span=week/);
  await page.getByText("As a table").click();
  await expect(page.getByRole("row").filter({ hasText: "Every six hours" })).toBeVisible();
});
