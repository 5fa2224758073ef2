// Started by `cargo xtask screenshots`, which also names the directory for the pictures in the environment.
import { defineConfig } from "@playwright/test";
import tests from "./playwright.config.ts";

export default defineConfig({
  ...tests,
  testDir: "screenshots",
  timeout: 900_000,
  // The runs in the pictures have the machine to themselves.
  workers: 1,
  reporter: [["list"]],
  use: { ...tests.use, trace: "off", actionTimeout: 30_000, navigationTimeout: 30_000 },
});
