// The pages in a test's words: what a person looks for, by role and name.
import { readFile } from "node:fs/promises";
import type { Download, Locator, Page } from "@playwright/test";
import { expect } from "./test.ts";

export const STEPS = ["Import", "Profile", "Cleanse", "Match", "Merge", "Export"];

/** The demo's workflow without a schedule. */
export const ON_DEMAND = "Customers on demand";

/** Opens the page and waits until it is hydrated and connected to the live feed. */
export async function openLive(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expectLive(page);
}

export async function expectLive(page: Page): Promise<void> {
  await expect(page.getByRole("status").filter({ hasText: /^Live$/ })).toBeVisible();
}

/** The card of a workflow on the list. */
export function card(page: Page, name: string): Locator {
  return page.getByRole("article", { name, exact: true });
}

/** Follows the card's link to the workflow's page. */
export async function openWorkflow(page: Page, name: string): Promise<void> {
  await openLive(page, "/workflows");
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

/** The rows of the history, newest first, without those that an opened one adds. */
export function history(page: Page): Locator {
  return page.getByRole("row").filter({ has: page.getByRole("button", { name: /^(Show|Hide) details$/ }) });
}

/** Presses Run Now and gives the address of the execution that was accepted, from the notice that offers it. */
export async function runNow(page: Page, on: Page | Locator): Promise<string> {
  const offered = () =>
    page
      .getByRole("link", { name: "See the execution" })
      .evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  // The notice of an earlier click may still be there: only an address that was not offered before is this click's answer.
  const earlier = await offered();
  await on.getByRole("button", { name: "Run Now" }).click();
  let address = "";
  await expect
    .poll(async () => (address = (await offered()).find((offer) => !earlier.includes(offer)) ?? ""))
    .toMatch(/^\/executions\//);
  return address;
}

/** The content of a downloaded file as lines, without the last line's end. */
export async function lines(download: Download): Promise<string[]> {
  return (await readFile(await download.path(), "utf8")).trimEnd().split("\n");
}

/** Writes down every label of the step meter from now on; call the result for what was seen so far. */
export async function recordSteps(meterOwner: Locator): Promise<() => Promise<string[]>> {
  const recorded = await meterOwner.evaluateHandle((owner) => {
    const seen: string[] = [];
    const note = () => {
      const label = owner.querySelector('[role="img"][aria-label^="Step "]')?.getAttribute("aria-label");
      if (label && seen.at(-1) !== label) {
        seen.push(label);
      }
    };
    new MutationObserver(note).observe(owner, { subtree: true, childList: true, attributes: true });
    return seen;
  });
  return () => recorded.jsonValue();
}
