// The main job in a browser without JavaScript: plain links and form posts.
import { history, ON_DEMAND } from "../support/pages.ts";
import { makeWorkflow } from "../support/api.ts";
import { peopleCsv } from "../support/records.ts";
import { expect, test } from "../support/test.ts";

test.use({ javaScriptEnabled: false });

test("Run Now on the card, then the history", async ({ page }) => {
  await page.goto("/workflows");
  await page.getByRole("article", { name: ON_DEMAND, exact: true }).getByRole("button", { name: "Run Now" }).click();
  // The form leads back to the list; the page does not change by itself, so it is loaded until the run has ended.
  await expect(page).toHaveURL(/\/workflows\??$/);
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

test.describe("a form that is refused", () => {
  test.use({ expectedMessages: /status of 422/ });

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
