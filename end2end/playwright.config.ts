// Started by `cargo xtask test e2e`, which names the binary and the browser in the environment.
import { defineConfig } from "@playwright/test";

const inCi = Boolean(process.env.CI);

export default defineConfig({
  testDir: "tests",
  // Every test has a server of its own; the machine's cores are the limit.
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: inCi,
  timeout: 180_000,
  // A run of six steps in the unoptimised build, beside another test.
  expect: { timeout: 60_000 },
  outputDir: "test-results",
  reporter: [["list"], ["json"]],
  projects: [
    { name: "chromium", testIgnore: "no-js.spec.ts" },
    { name: "without JavaScript", testMatch: "no-js.spec.ts", use: { javaScriptEnabled: false } },
  ],
  use: {
    trace: "retain-on-failure",
    timezoneId: "Europe/Berlin",
    launchOptions: {
      executablePath: process.env.MILLRACE_CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
