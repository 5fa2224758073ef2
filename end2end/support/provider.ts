// A real OpenID Connect provider in this process: panva's certified `oidc-provider`, with its development pages, on which
// every name signs in with any password.
import { generateKeyPairSync } from "node:crypto";
import { type RequestListener, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { type JWK, Provider } from "oidc-provider";

const CLIENT = { client_id: "millrace", client_secret: "of the tests alone" };

/** Whoever is called `root` is in the group `admins`, whoever is called `guest` in none, everyone else in `data`. */
const groupsOf = (name: string) => ({ root: ["admins"], guest: [] })[name] ?? ["data"];

export class IdentityProvider {
  readonly #http: Server;
  #redirects: string[] = [];
  #answer: RequestListener = (_, response) => response.writeHead(503).end();

  private constructor(http: Server) {
    this.#http = http;
    http.on("request", (request, response) => this.#answer(request, response));
  }

  /** One that answers 503 until it opens. */
  static async start(): Promise<IdentityProvider> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return new IdentityProvider(http);
  }

  /** Under a name that is another site than that of the server which it signs people into. */
  get issuer(): string {
    return `http://localhost:${(this.#http.address() as AddressInfo).port}`;
  }

  /** What a server is started with to use it. */
  get options(): string[] {
    return [
      ["--oidc-issuer", this.issuer],
      ["--oidc-client-id", CLIENT.client_id],
      ["--oidc-client-secret", CLIENT.client_secret],
      ["--oidc-name", "Example"],
      ["--oidc-scopes", "profile groups"],
      ["--oidc-groups", "admins=administrator, data=viewer"],
    ].flat();
  }

  /** Signs people in, and sends them back to the server at that address. */
  open(server: string): void {
    this.#redirects = [`${server}/sign-in/callback`];
    this.rotateKeys();
  }

  /** Signs with a new key, and publishes no other. */
  rotateKeys(): void {
    const provider = new Provider(this.issuer, {
      clients: [{ ...CLIENT, redirect_uris: this.#redirects }],
      claims: { openid: ["sub"], profile: ["preferred_username"], groups: ["groups"] },
      jwks: { keys: [newKey()] },
      pkce: { required: () => true },
      findAccount: (_, name) => ({
        accountId: name,
        claims: () => ({ sub: `subject of ${name}`, preferred_username: name, groups: groupsOf(name) }),
      }),
    });
    this.#answer = provider.callback();
  }

  async stop(): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

function newKey(): JWK {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { kty, n, e, d, p, q, dp, dq, qi } = privateKey.export({ format: "jwk" });
  return { kty, n, e, d, p, q, dp, dq, qi, use: "sig", alg: "RS256" } as JWK;
}

/** On the provider's page: says who one is. */
export async function identify(page: Page, name: string): Promise<void> {
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
}

/** On the provider's next page: lets it tell the server who one is. */
export async function consent(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Continue" }).click();
}
