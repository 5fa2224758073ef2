// Sign-in with an OpenID Connect provider: a real one, on another site as far as the browser is concerned.
import { type APIRequestContext, type BrowserContext, type Page } from "@playwright/test";
import { IdentityProvider, consent, identify } from "../support/provider.ts";
import { Server } from "../support/server.ts";
import { test as base, expect, lend } from "../support/test.ts";

interface Fixtures {
  provider: IdentityProvider;
  /** A page of another browser. */
  elsewhere: Page;
}

const test = base.extend<Fixtures>({
  // The provider's own pages want a font and an icon that they do not have.
  expectedMessages: /on http:\/\/localhost:/,

  provider: async ({}, use) => {
    const provider = await IdentityProvider.start();
    await use(provider);
    await provider.stop();
  },

  server: async ({ provider }, use, info) => {
    const server = await Server.start(false, provider.options);
    provider.open(server.url);
    await lend(server, use, info);
  },

  context: async ({ context }, use) => {
    await stayHere(context);
    await use(context);
  },

  elsewhere: async ({ browser, baseURL }, use) => {
    const context = await browser.newContext({ baseURL });
    await stayHere(context);
    await use(await context.newPage());
    await context.close();
  },
});

/** The provider's pages ask for a font of another host. */
async function stayHere(context: BrowserContext): Promise<void> {
  await context.route("https://fonts.googleapis.com/**", (route) => route.fulfill({ contentType: "text/css", body: "" }));
}

const signInLink = (page: Page) => page.getByRole("link", { name: "Sign in with Example" });

async function signIn(page: Page, name: string): Promise<void> {
  await page.goto("/sign-in");
  await signInLink(page).click();
  await identify(page, name);
  await consent(page);
}

/** Takes cookies away, all or one, while no page is open that would notice and lead to the sign-in by itself. */
async function loseCookies(page: Page, one?: { name: string }): Promise<void> {
  await page.goto("about:blank");
  await page.context().clearCookies(one);
}

async function me(request: APIRequestContext): Promise<{ name: string; access: { everywhere: string | null } }> {
  return (await request.get("/api/v1/me")).json();
}

async function isKnown(request: APIRequestContext): Promise<boolean> {
  return (await request.get("/api/v1/me")).ok();
}

/** Signs in up to the way back, which is not gone; gives its address. */
async function wayBack(page: Page, name: string): Promise<string> {
  await page.goto("/sign-in");
  await signInLink(page).click();
  await identify(page, name);
  // What the browser would send and follow, a step at a time.
  const consented = await page.locator("form").getAttribute("action");
  const led = await page.request.post(consented ?? "", { form: { prompt: "consent" }, maxRedirects: 0 });
  const back = await page.request.get(led.headers()["location"] ?? "", { maxRedirects: 0 });
  const address = back.headers()["location"] ?? "";
  expect(address).toContain("/sign-in/callback?code=");
  return address;
}

test("a browser signs in at the provider and lands on the page that it wanted", async ({ page, context, server }) => {
  await page.goto("/workflows?state=paused");
  await expect(page).toHaveURL("/sign-in?next=%2Fworkflows%3Fstate%3Dpaused");
  await signInLink(page).click();
  await identify(page, "ann");
  await consent(page);
  await expect(page).toHaveURL("/workflows?state=paused");
  await expect(page.getByRole("heading", { level: 1, name: "Workflows" })).toBeVisible();
  expect(await me(page.request)).toMatchObject({ name: "ann", access: { everywhere: "viewer" } });

  const cookies = await context.cookies(server.url);
  expect(cookies.map(({ name }) => name)).not.toContain("millrace-begun");
  expect(cookies.find(({ name }) => name === "millrace-session")).toMatchObject({ httpOnly: true, sameSite: "Lax" });
});

test("a second sign-in finds the same person, and nobody else's account", async ({ page, elsewhere }) => {
  await signIn(elsewhere, "root");
  const created = await elsewhere.request.post("/api/v1/users", { data: { name: "Ann", access: { everywhere: "editor" } } });
  expect(created.ok(), await created.text()).toBe(true);

  await signIn(page, "ann");
  expect(await me(page.request)).toMatchObject({ name: "ann (2)", access: { everywhere: "viewer" } });
  await loseCookies(page);
  await signIn(page, "ann");
  expect((await me(page.request)).name).toBe("ann (2)");
  const { items } = await (await elsewhere.request.get("/api/v1/users")).json();
  expect(items.map(({ name }: { name: string }) => name)).toEqual(["Ann", "ann (2)", "root"]);
});

test("who does not let the provider tell who they are is told so", async ({ page }) => {
  await page.goto("/sign-in?next=%2Fprojects");
  await signInLink(page).click();
  await identify(page, "ann");
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(page).toHaveURL("/sign-in?next=%2Fprojects");
  await expect(page.getByText("Example did not let you in, or you did not let it tell who you are.")).toBeVisible();
  expect(await isKnown(page.request)).toBe(false);

  await signInLink(page).click();
  await consent(page);
  await expect(page).toHaveURL("/projects");
});

test.describe("disabled", () => {
  // The page that is open meanwhile is refused its feed, and then itself.
  test.use({ expectedMessages: /on http:\/\/localhost:|\/api\/v1\/events' failed|401 \(Unauthorized\)/ });

  test("one is led outside and stays there", async ({ page, elsewhere }) => {
    await signIn(page, "ann");
    await expect(page).toHaveURL("/");
    await signIn(elsewhere, "root");
    const { items } = await (await elsewhere.request.get("/api/v1/users")).json();
    const { id, name, access } = items.find((user: { name: string }) => user.name === "ann");
    const put = await elsewhere.request.put(`/api/v1/users/${id}`, { data: { name, access, disabled: true } });
    expect(put.ok(), await put.text()).toBe(true);

    expect(await isKnown(page.request)).toBe(false);
    await expect(page).toHaveURL(/\/sign-in/);
    await signInLink(page).click();
    await expect(page.getByText("An administrator of this server has disabled you here.")).toBeVisible();
    expect(await isKnown(page.request)).toBe(false);
  });
});

test.describe("without a role", () => {
  // The page that may not be seen is answered as refused.
  test.use({ expectedMessages: /on http:\/\/localhost:|403 \(Forbidden\)/ });

  test("one gets in and is told what is missing", async ({ page }) => {
    await signIn(page, "guest");
    await expect(page.getByRole("alert").getByText("An administrator has to give you a role first.")).toBeVisible();
    expect(await me(page.request)).toMatchObject({ name: "guest", access: { everywhere: null } });
    await page.locator("summary").filter({ hasText: "Server" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page).toHaveURL("/sign-in");
  });
});

test("a way back that did not begin in this browser, or is over, leads nowhere", async ({ page, elsewhere }) => {
  const refusal = (on: Page) => on.getByText("This sign-in did not begin in this browser, is over already");

  await page.goto("/sign-in/callback?code=made-up&state=made-up");
  await expect(refusal(page)).toBeVisible();

  // Login CSRF: the attacker's own way back, planted in somebody else's browser.
  const planted = await wayBack(elsewhere, "mallory");
  await page.goto(planted);
  await expect(refusal(page)).toBeVisible();
  // Also in one that is about to sign in itself.
  const own = await wayBack(page, "ann");
  await page.goto(planted);
  await expect(refusal(page)).toBeVisible();
  expect(await isKnown(page.request)).toBe(false);

  // Their own is as good as before, once.
  await page.goto(own);
  expect((await me(page.request)).name).toBe("ann");
  await loseCookies(page, { name: "millrace-session" });
  await page.goto(own);
  await expect(refusal(page)).toBeVisible();
  expect(await isKnown(page.request)).toBe(false);
});

test("a code that the provider gave to another sign-in is refused", async ({ page, elsewhere }) => {
  const stolen = new URL(await wayBack(elsewhere, "ann")).searchParams.get("code") ?? "";
  const own = new URL(await wayBack(page, "mallory"));
  own.searchParams.set("code", stolen);
  await page.goto(own.href);
  await expect(page.getByText("Example did not sign you in (invalid_grant). Try again.")).toBeVisible();
  expect(await isKnown(page.request)).toBe(false);
});

test("nobody is led to another site after the sign-in", async ({ page, server }) => {
  await page.goto("/sign-in/provider?next=https%3A%2F%2Fevil.example%2F");
  await identify(page, "ann");
  await consent(page);
  await expect(page).toHaveURL(`${server.url}/`);
});

test("a provider that changes its keys goes on signing people in", async ({ page, elsewhere, provider }) => {
  await signIn(page, "ann");
  expect(await isKnown(page.request)).toBe(true);
  provider.rotateKeys();
  await signIn(elsewhere, "bob");
  expect((await me(elsewhere.request)).name).toBe("bob");
});

base("the server starts without its provider, and says what is wrong", async ({ browser }, info) => {
  const provider = await IdentityProvider.start();
  const context = await browser.newContext();
  await stayHere(context);
  const page = await context.newPage();
  await lend(
    await Server.start(false, provider.options),
    async (server) => {
      await page.goto(`${server.url}/sign-in`);
      await signInLink(page).click();
      await expect(page.getByText("Example cannot be reached: it answered 503")).toBeVisible();
      provider.open(server.url);
      const lastPath = async () => {
        await signInLink(page).click();
        return new URL(page.url()).pathname;
      };
      await expect.poll(lastPath).toMatch(/^\/interaction\//);
      await identify(page, "ann");
      await consent(page);
      await expect(page).toHaveURL(`${server.url}/`);
    },
    info,
  );
  await context.close();
  await provider.stop();
});
