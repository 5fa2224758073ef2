// Every page, as it is served and hydrated: nothing on the console, nothing that shuts anyone out.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expectLive, history, ON_DEMAND, openLive, openWorkflow, runNow } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("every page hydrates without a word on the console and passes axe", async ({ page }) => {
      const addresses = await everyPage(page);
      // There are ever more pages: the limit is for each, not for all.
      test.setTimeout(addresses.length * 60_000);
      for (const address of addresses) {
        await test.step(address, async () => {
          await page.goto(address);
          await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
          await expectHydrated(page);
          const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag22aa"]).analyze();
          const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`);
          expect(found, address).toEqual([]);
        });
      }
    });
  });
}

test("on a phone no page scrolls sideways", async ({ page }) => {
  const addresses = await everyPage(page);
  await page.setViewportSize({ width: 360, height: 740 });
  for (const address of addresses) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, address).toBeLessThanOrEqual(360);
  }
});

test.describe("no such page", () => {
  test.use({ expectedMessages: /status of 404/ });

  test("an unknown address says so", async ({ page }) => {
    const answer = await page.goto("/no-such-page");
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  });
});

/** The addresses of all pages, with an execution that has ended so that none of them is empty. */
async function everyPage(page: Page): Promise<string[]> {
  await openWorkflow(page, ON_DEMAND);
  const workflow = new URL(page.url()).pathname;
  const execution = await runNow(page, page);
  await expect(history(page).first()).toContainText("Success");
  await openLive(page, "/projects");
  const project = await page.getByRole("link", { name: "Customers", exact: true }).first().getAttribute("href");
  return [
    "/",
    "/workflows",
    "/workflows/new",
    workflow,
    `${workflow}?tab=configuration`,
    `${workflow}?tab=activity`,
    `${workflow}?tab=activity&show=runs`,
    `${workflow}/edit`,
    "/executions",
    "/executions?view=timeline",
    "/executions?view=timeline&span=week",
    execution,
    "/projects",
    "/projects/new",
    `${project}`,
    `${project}?tab=sources`,
    `${project}?tab=configuration`,
    `${project}?tab=activity`,
    `${project}/matches`,
    `${project}/matches?view=pairs`,
    `${project}/matches?view=model`,
    `${project}/groups/1`,
    `${project}/pairs/0/1`,
    "/activity",
    "/activity?subject=token",
    "/deliveries",
    "/account",
    "/people",
    "/api",
    "/api?group=types",
  ];
}

/** Hydrated pages are connected; forms listen to nothing, so for them it is enough that the script has run. */
async function expectHydrated(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
  const listens = !/\/(new|edit)$/.test(new URL(page.url()).pathname);
  if (listens) {
    await expectLive(page);
  }
}
