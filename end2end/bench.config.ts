// Started by `cargo xtask bench web`: measures, one thing at a time.
import { defineConfig } from "@playwright/test";
import tests from "./playwright.config.ts";

export default defineConfig({
  ...tests,
  testDir: "bench",
  fullyParallel: false,
  workers: 1,
  timeout: 600_000,
  reporter: [["line"]],
  // A trace takes time of its own.
  use: { ...tests.use, trace: "off" },
});
