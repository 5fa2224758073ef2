// The main jobs in a browser without JavaScript: plain links and form posts. The configuration switches it off.
import { card, history, ON_DEMAND } from "../support/pages.ts";
import { makeProject, makeWorkflow } from "../support/api.ts";
import { peopleCsv } from "../support/records.ts";
import { expect, test } from "../support/test.ts";

// On a page that stays open nobody comes for the code that its head asked for.
const UNUSED = /was preloaded using link preload but not used/;

test.use({ expectedMessages: UNUSED });

test("Run Now on the card, then the history", async ({ page }) => {
  await page.goto("/workflows");
  await page.getByRole("article", { name: ON_DEMAND, exact: true }).getByRole("button", { name: "Run Now" }).click();
  // The form leads back to the list; the page does not change by itself, so it is loaded until the run has ended.
  await expect(page).toHaveURL(/\/workflows\??$/);
  // Nothing takes the answer away again, so it must not lie over the page.
  const answer = await page.getByRole("status").filter({ hasText: "See the execution" }).boundingBox();
  const below = await page.getByRole("main").boundingBox();
  expect(answer!.y + answer!.height).toBeLessThanOrEqual(below!.y);
  await page.getByRole("link", { name: ON_DEMAND, exact: true }).click();
  await expect(async () => {
    await page.reload();
    await expect(history(page).first()).toContainText("Success", { timeout: 1 });
  }).toPass();
  await expect(history(page)).toHaveCount(1);
  await expect(history(page).first()).toContainText("Manual");

  await history(page).first().getByRole("button", { name: "Show details" }).click();
  await expect(page.getByRole("link", { name: /\.csv$/ }).first()).toBeVisible();
});

test("a running execution is cancelled", async ({ page, request }) => {
  const workflow = await makeWorkflow(request, "Long", peopleCsv(60_000));
  await page.goto(`/workflows/${workflow}`);
  await page.getByRole("button", { name: "Run Now" }).click();
  const active = page.getByRole("region", { name: /execution$/ });
  await active.getByText("Cancel", { exact: true }).click();
  await active.getByRole("button", { name: "Cancel the execution" }).click();
  await expect(async () => {
    await page.reload();
    await expect(history(page).first()).toContainText("Cancelled", { timeout: 1 });
  }).toPass();
});

test("the bell opens and is marked as read, and a log is searched", async ({ page }) => {
  await page.goto("/workflows");
  await card(page, ON_DEMAND).getByRole("button", { name: "Run Now" }).click();
  const bell = page.getByLabel(/^News, /);
  await expect(async () => {
    await page.reload();
    await expect(bell).toHaveAccessibleName("News, 1 new", { timeout: 1 });
  }).toPass();
  await bell.click();
  await page.getByRole("button", { name: "Mark as read" }).click();
  await expect(bell).toHaveAccessibleName("News, nothing new");
  await bell.click();
  await page.getByRole("link", { name: `${ON_DEMAND} success` }).click();
  await page.getByRole("searchbox", { name: "Search in the log" }).fill("no such words");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByText("No line mentions “no such words”.")).toBeVisible();
});

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

test("projects are read page by page and found by name", async ({ page, request }) => {
  for (const name of ["Alpha", "Beta", "Gamma"]) {
    await makeProject(request, name, peopleCsv(3));
  }
  const names = page.getByRole("table").getByRole("link");
  await page.goto("/projects?limit=2");
  await expect(names).toHaveText(["Alpha", "Beta"]);
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(names.first()).toHaveText("Customers");
  await page.getByRole("searchbox", { name: "Search by name" }).fill("GAM");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(names).toHaveText(["Gamma"]);
  await page.getByRole("searchbox", { name: "Search by name" }).fill("delta");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("link", { name: "Show all projects" }).click();
  await expect(page.getByRole("link", { name: "Gamma" })).toBeVisible();
});

test("the dark theme is chosen and stays", async ({ page }) => {
  const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  await page.goto("/workflows");
  await page.getByText("Server", { exact: true }).click();
  await page.getByRole("form", { name: "Theme" }).getByRole("button", { name: "Dark" }).click();
  await page.goto("/executions");
  expect(await scheme()).toBe("dark");
});

test.describe("a form that is refused", () => {
  test.use({ expectedMessages: new RegExp(`status of 422|${UNUSED.source}`) });

  test("a workflow is made, and what is wrong with it is said", async ({ page }) => {
    await page.goto("/workflows/new");
    await page.getByLabel("Name").fill("By hand");
    await page.getByRole("radio", { name: /cron/i }).check();
    await page.getByLabel("Cron expression").fill("0 25 * * *");
    await page.getByRole("button", { name: "Create workflow" }).click();
    await expect(page.getByText("25 is not in 0–23")).toBeVisible();
    await expect(page.getByLabel("Name")).toHaveValue("By hand");

    await page.getByLabel("Project", { exact: true }).selectOption({ label: "Customers" });
    for (const step of await page.getByRole("group", { name: "Steps" }).getByRole("checkbox").all()) {
      if ((await step.getAttribute("name")) === "step") {
        await step.check();
      }
    }
    await page.getByLabel("Cron expression").fill("0 2 * * 1-5");
    await page.getByRole("button", { name: "Create workflow" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "By hand" })).toBeVisible();
    await expect(page.getByText("Monday to Friday")).toBeVisible();
  });
});

test.describe("without the demo", () => {
  test.use({ demo: false });

  test("a CSV becomes a project that can run", async ({ page }) => {
    await page.goto("/projects/new");
    const file = { name: "members.csv", mimeType: "text/csv", buffer: Buffer.from(peopleCsv(300)) };
    await page.getByLabel("Files").setInputFiles(file);
    await page.getByRole("button", { name: "Create project" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "members" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Run it now" })).toBeVisible();
  });
});
