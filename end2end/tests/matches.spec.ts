// From the project to a group, to the reason of a pair, and a decision that the next run knows.
import type { Page } from "@playwright/test";
import { makeWorkflow, projectOf } from "../support/api.ts";
import { history, openLive, openWorkflow, runNow } from "../support/pages.ts";
import { peopleCsv } from "../support/records.ts";
import { expect, test } from "../support/test.ts";

test.use({ demo: false });

test("somebody looks at a group, asks why two records match, and decides by hand", async ({ page, request }) => {
  const workflow = await makeWorkflow(request, "Members", peopleCsv(600));
  const project = `/projects/${await projectOf(request, workflow)}`;
  await page.goto(`${project}/matches`);
  await expect(page.getByRole("heading", { name: "Nothing was matched yet" })).toBeVisible();
  await succeed(page);

  await openLive(page, project);
  await page.getByRole("navigation", { name: "Project" }).getByRole("link", { name: "Matches" }).click();
  const found = page.getByRole("region", { name: "What matching found" });
  await expect(found.getByText("Match rate")).toBeVisible();
  await page.getByRole("searchbox", { name: "Text in a record" }).fill("no such words");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByRole("heading", { name: "No group fits" })).toBeVisible();
  await page.getByRole("link", { name: "Show all groups" }).click();

  await page.getByRole("link", { name: "Group 1", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Group 1" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Records side by side" }).locator("mark").first()).toBeVisible();
  const master = page.getByRole("button", { name: /^Master: people #/ }).first();
  await master.click();
  await expect(page.getByText("“Master” is set.")).toBeVisible();
  await expect(master).toHaveAttribute("aria-pressed", "true");

  await page.getByRole("region", { name: "What holds it together" }).getByRole("link").first().click();
  await expect(page.getByText("They match.")).toBeVisible();
  await expect(page.getByRole("row", { name: /^(Together|Score)/ }).first()).toBeVisible();

  await succeed(page);
  await page.goto(`${project}/groups/1`);
  await expect(page.getByRole("button", { name: /^Master: people #/, pressed: true })).toHaveCount(1);
});

/** One run more. */
async function succeed(page: Page): Promise<void> {
  await openWorkflow(page, "Members");
  await runNow(page, page);
  await expect(history(page).first()).toContainText("Success");
}
