// Every open page shows every change, also after it was cut off.
import { card, expectLive, history, ON_DEMAND, openLive, openWorkflow, runNow } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

test("what one page starts, the other shows", async ({ page, context }) => {
  const other = await context.newPage();
  await openLive(other, "/workflows");
  await openWorkflow(page, ON_DEMAND);
  await runNow(page, page);
  await expect(card(other, ON_DEMAND)).toContainText("Success");
  await expect(card(other, ON_DEMAND)).toContainText("5,000 records");

  await page.getByRole("button", { name: "Pause" }).click();
  await expect(card(other, ON_DEMAND)).toContainText("Paused");
});

test("what is open, typed and focused stays while the page follows a run", async ({ page, request }) => {
  await openLive(page, "/workflows");
  const workflow = card(page, ON_DEMAND);
  const search = page.getByRole("searchbox");
  await search.fill("typed, not sent");
  const menu = workflow.getByLabel(`More actions for ${ON_DEMAND}`);
  await menu.click();
  const address = await workflow.getByRole("link", { name: ON_DEMAND }).getAttribute("href");
  const answer = await request.post(`/api/v1${address}/executions`);
  expect(answer.status()).toBe(202);

  await expect(workflow).toContainText("Success");
  await expect(workflow.getByRole("button", { name: "Duplicate" })).toBeVisible();
  await expect(search).toHaveValue("typed, not sent");
  await expect(menu).toBeFocused();
});

test.describe("deleted elsewhere", () => {
  test.use({ expectedMessages: /status of 404/ });

  test("the page of a workflow that is gone says so", async ({ page, request }) => {
    await openWorkflow(page, "Every six hours");
    await expectLive(page);
    const answer = await request.delete(`/api/v1${new URL(page.url()).pathname}`);
    expect(answer.ok()).toBe(true);
    await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();
  });
});

test.describe("cut off", () => {
  test.use({ expectedMessages: /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_RE(FUSED|SET)|WebSocket/ });

  test("a page that was offline says so and catches up", async ({ page, context, request }) => {
    await openWorkflow(page, ON_DEMAND);
    const id = page.url().split("/").at(-1);
    await context.setOffline(true);
    await expect(page.getByRole("status").filter({ hasText: "Offline" })).toBeVisible();
    const answer = await request.post(`/api/v1/workflows/${id}/executions`);
    expect(answer.status()).toBe(202);
    const execution = (await answer.json()).id;
    await expect
      .poll(async () => (await (await request.get(`/api/v1/executions/${execution}`)).json()).status)
      .toBe("success");
    await expect(history(page)).toHaveCount(0);

    await context.setOffline(false);
    await expectLive(page);
    await expect(history(page).first()).toContainText("Success");
    await expect(history(page).first()).toContainText("API");
  });

  test("a page outlives the server's crash, and what was accepted runs", async ({ page, server }) => {
    await openWorkflow(page, ON_DEMAND);
    await runNow(page, page);
    await runNow(page, page);
    await server.crashAndRestart();
    await expectLive(page);
    // The first may have been running: then it is Interrupted, and a recovery takes its place.
    await expect(history(page).filter({ hasText: "Success" })).toHaveCount(2);
    await expect(history(page).filter({ hasText: /Running|Queued/ })).toHaveCount(0);
  });
});
