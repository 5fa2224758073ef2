// What a person who sees no page, or holds no mouse, has of it.
import type { Locator, Page } from "@playwright/test";
import { card, expectLive, history, ON_DEMAND, openLive } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

/** More presses of Tab than any page here has things to stop at before what is looked for. */
const STOPS_MAX = 80;

test("a workflow is run, looked at and made with the keyboard alone", async ({ page }) => {
  await openLive(page, "/workflows");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  const workflow = card(page, ON_DEMAND);
  await tabTo(page, workflow.getByRole("button", { name: "Run Now" }));
  await page.keyboard.press("Enter");
  await expect(workflow).toContainText("Success");
  // The card was rendered anew many times meanwhile.
  await expect(workflow.getByRole("button", { name: "Run Now" })).toBeFocused();

  await tabTo(page, workflow.getByLabel(`More actions for ${ON_DEMAND}`));
  await page.keyboard.press("Enter");
  await tabTo(page, workflow.getByRole("button", { name: "Pause" }));
  await page.keyboard.press("Escape");
  await expect(workflow.getByLabel(`More actions for ${ON_DEMAND}`)).toBeFocused();

  await page.reload();
  await expectLive(page);
  await tabTo(page, workflow.getByRole("link", { name: ON_DEMAND, exact: true }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: ON_DEMAND })).toBeVisible();
  await tabTo(page, history(page).first().getByRole("button", { name: "Show details" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: /\.csv$/ }).first()).toBeVisible();

  await page.goto("/workflows/new");
  await tabTo(page, page.getByLabel("Name"));
  await page.keyboard.type("By keyboard");
  await tabTo(page, page.getByLabel("Project", { exact: true }));
  await page.keyboard.type("Customers");
  await tabTo(page, page.getByRole("checkbox", { name: "Profile" }));
  await page.keyboard.press("Space");
  await page.keyboard.press("Space");
  await expect(page.getByRole("checkbox", { name: "Profile" })).toBeChecked();
  await tabTo(page, page.getByRole("button", { name: "Create workflow" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "By keyboard" })).toBeVisible();
});

async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let stop = 0; stop < STOPS_MAX; stop++) {
    await page.keyboard.press("Tab");
    if (await wanted.evaluate((element) => element === document.activeElement)) {
      return;
    }
  }
  throw new Error(`${wanted} was not reached with ${STOPS_MAX} presses of Tab`);
}

test("the main pages are told in landmarks, headings, lists and tables", async ({ page }) => {
  await openLive(page, "/workflows");
  const workflow = card(page, ON_DEMAND);
  await workflow.getByRole("button", { name: "Run Now" }).click();
  await expect(workflow).toContainText("Success");
  await expect(page.locator("body")).toMatchAriaSnapshot(`
    - link "Skip to the content"
    - banner:
      - link "Millrace"
      - navigation "Main":
        - link "Overview"
        - link "Workflows"
        - link "Executions"
        - link "Projects"
      - status: Live
    - main:
      - heading "Workflows" [level=1]
      - search:
        - searchbox "Search by name or project"
        - combobox "Sort by"
      - navigation "State":
        - link /All \\d+/
        - link /Suspended \\d+/
      - navigation "Last outcome"
      - region "Workflows":
        - article "${ON_DEMAND}":
          - heading "${ON_DEMAND}" [level=2]:
            - link "${ON_DEMAND}"
          - text: Success
          - checkbox "Select ${ON_DEMAND}"
          - 'group "Last 1 execution: 1 succeeded"':
            - link /^Success in .*, Manual/
          - term: Last
          - definition: /records/
          - term: Next
          - definition: only when asked
          - button "Run Now"
  `);

  await workflow.getByRole("link", { name: ON_DEMAND, exact: true }).click();
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - main:
      - heading "${ON_DEMAND}" [level=1]
      - paragraph: "State: Active"
      - link "Edit"
      - button "Pause"
      - button "Run Now"
      - term: Schedule
      - definition: /On demand/
      - term: Next run
      - definition: only when asked
      - term: Last run
      - definition:
        - text: Success
        - link:
          - time
      - navigation "Workflow":
        - link "Execution History"
        - link "Configuration"
        - link "Activity"
      - table:
        - rowgroup:
          - row:
            - columnheader "Date / Time"
            - columnheader "Status"
            - columnheader "Trigger"
            - columnheader "Duration"
            - columnheader "Records"
            - columnheader "Details"
        - rowgroup:
          - row:
            - cell:
              - link
            - cell "Success"
            - cell "Manual, local"
            - cell
            - cell "5,000"
            - cell:
              - button "Show details"
  `);

  await page.getByRole("cell").getByRole("link").first().click();
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - main:
      - heading /^${ON_DEMAND}, / [level=1]
      - status: Success
      - button "Run again"
      - region "Files":
        - heading "Files" [level=2]
        - list:
          - listitem:
            - link "golden_records.csv"
      - region "Steps":
        - heading "Steps" [level=2]
        - list:
          - listitem: /^Import Success/
          - listitem: /^Profile Success/
          - listitem: /^Cleanse Success/
          - listitem: /^Match Success/
          - listitem: /^Merge Success/
          - listitem: /^Export Success/
      - region /^The first 10 of [\\d,]+ records in golden_records.csv$/:
        - heading /^The first 10 of [\\d,]+ records in golden_records.csv$/ [level=2]
      - region "Log":
        - heading "Log" [level=2]
        - search:
          - searchbox "Search in the log"
        - link "Download log"
        - log "Log"
  `);

  await openLive(page, "/");
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - main:
      - heading "Overview" [level=1]
      - region "Running now":
        - heading "Running now" [level=2]
      - region "Queue":
        - heading "Queue" [level=2]
      - region "Failed since yesterday":
        - heading "Failed since yesterday" [level=2]
      - region "Next 24 hours":
        - heading "Next 24 hours" [level=2]
        - list:
          - listitem:
            - link "Every six hours"
            - time
      - region "Last 14 days":
        - heading "Last 14 days" [level=2]
        - figure /100 % success/:
          - img /100 % succeeded/
        - group: As a table
  `);

  await page.goto("/workflows/new");
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - main:
      - heading "New workflow" [level=1]
      - textbox "Name"
      - combobox "Project"
      - group "Steps":
        - checkbox "Import" [checked]
        - checkbox "Export" [checked]
      - group "Schedule":
        - radio "Simple"
        - radio "Cron" [checked]
        - radio "On-Demand"
      - group "How often":
        - button "Daily" [pressed]
      - textbox "Cron expression": 0 2 * * *
      - combobox "Time zone"
      - status "Next runs":
        - heading "Next runs" [level=2]
        - list
      - button "Create workflow"
  `);
});
