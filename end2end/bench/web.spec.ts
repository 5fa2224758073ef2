// How long a list of a hundred cards takes from the request to the live page, and how late another browser shows a change.
import { cpus, loadavg } from "node:os";
import type { APIRequestContext, Page } from "@playwright/test";
import { makeWorkflow } from "../support/api.ts";
import { card, openLive } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

const CARDS = 100;
/** Runs of each workflow: as many as the strip of a card shows. */
const RUNS = 20;
const REQUESTS = 200;
const LOADS = 20;
const CHANGES = 50;
const LIST = `/workflows?limit=${CARDS}`;
const THREE = "name,city\nAda,London\nGrace,New York\nEdsger,Rotterdam\n";

test.use({ demo: false });

test("a list of cards, and two browsers", async ({ page, browser, request, baseURL }) => {
  const workflows = await fill(request);

  const [processor] = cpus();
  const load = loadavg().map((value) => value.toFixed(2));
  console.log(`\n${processor?.model}, ${cpus().length} cores, ${process.platform}; load ${load.join(" ")}`);
  console.log(`Chromium ${browser.version()}; ${CARDS} workflows with ${RUNS} runs each\n`);
  console.log(`${"".padEnd(66)}${["median", "p95", "worst"].map((name) => name.padStart(12)).join("")}`);

  console.log(`List of ${CARDS} cards, asked for over loopback`);
  for (const changes of [true, false]) {
    const [first, last]: [number[], number[]] = [[], []];
    for (let count = 0; count < REQUESTS; count++) {
      if (changes) {
        // What is known of the list is outdated then.
        const action = count % 2 === 0 ? "pause" : "resume";
        expect((await request.post(`/api/v1/workflows/${workflows[0]?.[0]}/${action}`)).ok()).toBe(true);
      }
      const asked = performance.now();
      // A page is sent when it is complete, so its first byte is the end of the server's work.
      const answer = await fetch(baseURL + LIST);
      first.push(performance.now() - asked);
      const text = await answer.text();
      last.push(performance.now() - asked);
      expect(text.match(/<article/g)).toHaveLength(CARDS);
    }
    row(changes ? "… after a change: first byte" : "… when nothing changed since: first byte", first);
    row("   last byte", last);
  }

  const [painted, hydrated]: [number[], number[]] = [[], []];
  for (let count = 0; count < LOADS; count++) {
    // A context of its own has an empty cache.
    const context = await browser.newContext({ baseURL });
    const fresh = await context.newPage();
    await openLive(fresh, LIST);
    const marks = await fresh.evaluate(() =>
      ["first-contentful-paint", "hydrated"].map((name) => performance.getEntriesByName(name)[0]?.startTime),
    );
    painted.push(marks[0] ?? Number.NaN);
    hydrated.push(marks[1] ?? Number.NaN);
    await context.close();
  }
  row("… first contentful paint, nothing cached", painted);
  row("… hydrated", hydrated);

  const other = await (await browser.newContext({ baseURL })).newPage();
  const [id, name] = workflows[0] ?? ["", ""];
  await openLive(page, `/workflows/${id}`);
  await openLive(other, "/workflows");
  const paused: number[] = [];
  for (let count = 0; count < CHANGES; count++) {
    // A card that is not paused shows how its last run ended.
    const [button, shown] = count % 2 === 0 ? ["Pause", /Paused/] : ["Resume", /Success/];
    paused.push(await seenByOther(page, String(button), other, name, shown as RegExp));
  }
  row("Pause or Resume in one browser: click to the other's card", paused);
  const started: number[] = [];
  for (let count = 0; count < CHANGES; count++) {
    started.push(await seenByOther(page, "Run Now", other, name));
    await expect.poll(async () => (await latest(request, id)).status, { intervals: [20] }).toBe("success");
    // The next click is measured from where this run is shown to its end.
    const { id: execution } = await latest(request, id);
    await expect(card(other, name).locator(`a[href="/executions/${execution}"]`).first()).toBeVisible();
    await expect(card(other, name)).toContainText("Success");
  }
  row("Run Now in one browser: click to the other's card", started);
});

/**
 * Milliseconds from the click on a button of one page until the card of the other says what is wanted; by default, until
 * it leads to an execution that it did not lead to before.
 */
async function seenByOther(page: Page, button: string, other: Page, name: string, wanted?: RegExp): Promise<number> {
  const seen = await card(other, name).evaluateHandle(
    (element, wanted) => {
      const executions = () => [...element.querySelectorAll<HTMLAnchorElement>('a[href^="/executions/"]')];
      const before = new Set(executions().map((link) => link.href));
      const isNew = () => executions().some((link) => !before.has(link.href));
      const now = () => performance.timeOrigin + performance.now();
      return {
        at: new Promise<number>((resolve) => {
          new MutationObserver((_, observer) => {
            if (wanted ? wanted.test(element.textContent ?? "") : isNew()) {
              observer.disconnect();
              resolve(now());
            }
          }).observe(element, { subtree: true, childList: true, characterData: true, attributes: true });
        }),
      };
    },
    wanted,
  );
  const pressed = page.getByRole("main").getByRole("button", { name: button, exact: true });
  const clicked = await pressed.evaluateHandle((element) => ({
    at: new Promise<number>((resolve) => {
      const note = () => resolve(performance.timeOrigin + performance.now());
      element.addEventListener("click", note, { capture: true, once: true });
    }),
  }));
  await pressed.click();
  const [from, to] = await Promise.all([clicked.evaluate((it) => it.at), seen.evaluate((it) => it.at)]);
  return to - from;
}

/** Workflows of one Import each, with a history and a project of their own. */
async function fill(request: APIRequestContext): Promise<[id: string, name: string][]> {
  const workflows: [string, string][] = [];
  for (let count = 0; count < CARDS; count++) {
    const name = `Customers of region ${String(count).padStart(3, "0")}`;
    workflows.push([await makeWorkflow(request, name, THREE, { steps: ["import"] }), name]);
  }
  for (let run = 0; run < RUNS; run++) {
    for (const [id] of workflows) {
      expect((await request.post(`/api/v1/workflows/${id}/executions`)).status()).toBe(202);
    }
  }
  for (const [id] of workflows) {
    await expect.poll(async () => (await latest(request, id)).status, { timeout: 300_000 }).toBe("success");
  }
  return workflows;
}

async function latest(request: APIRequestContext, workflow: string): Promise<{ id: string; status: string }> {
  const page = await (await request.get(`/api/v1/executions?workflow=${workflow}&limit=1`)).json();
  return page.items[0];
}

function row(what: string, milliseconds: number[]): void {
  milliseconds.sort((a, b) => a - b);
  // Nearest rank, as in the other benches.
  const rank = (share: number) => milliseconds[Math.max(Math.ceil(share * milliseconds.length), 1) - 1] ?? Number.NaN;
  const figures = [0.5, 0.95, 1].map((share) => `${rank(share).toFixed(1)} ms`.padStart(12));
  console.log(`${what.padEnd(66)}${figures.join("")}`);
}
