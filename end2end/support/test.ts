// `test` as every test here uses it: a server of its own, and no page that complains on its console.
import { type TestInfo, test as base, expect } from "@playwright/test";
import { Server } from "./server.ts";

interface Options {
  /** Whether the server's data directory begins with the demo project. */
  demo: boolean;
  /** Console messages that belong to what the test does, such as a lost connection. */
  expectedMessages: RegExp | undefined;
}

interface Fixtures {
  server: Server;
}

export { expect };

/** Lets a test use the server, keeps what it printed if the test fails, and stops it. */
export async function lend(server: Server, use: (server: Server) => Promise<void>, info: TestInfo): Promise<void> {
  await use(server);
  if (info.status !== info.expectedStatus) {
    await info.attach("server.log", { body: server.log.join(""), contentType: "text/plain" });
  }
  await server.stop();
}

export const test = base.extend<Options & Fixtures>({
  demo: [true, { option: true }],
  expectedMessages: [undefined, { option: true }],

  server: async ({ demo }, use, info) => {
    await lend(await Server.start(demo), use, info);
  },

  baseURL: async ({ server }, use) => {
    await use(server.url);
  },

  context: async ({ context, expectedMessages }, use) => {
    // Hydration differences are reported there as warnings or errors, and panics of the browser's code as errors.
    const messages: string[] = [];
    const note = (message: string) => {
      if (!expectedMessages?.test(message)) {
        messages.push(message);
      }
    };
    context.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        note(`${message.type()} on ${message.page()?.url()}: ${message.text()}`);
      }
    });
    context.on("weberror", (error) => note(`exception on ${error.page()?.url()}: ${error.error()}`));
    await use(context);
    expect(messages, "messages on the browser's console").toEqual([]);
  },
});
