// Takes each page at each width, light and dark: `<directory>/<width>/<scheme>/<page>.png`.
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page, ViewportSize } from "@playwright/test";
import { expect } from "../support/test.ts";

/** What is looked at with a fingertip, and what with a mouse. */
const DEVICES: { options: BrowserContextOptions; sizes: ViewportSize[] }[] = [
  { options: { isMobile: true, hasTouch: true, deviceScaleFactor: 2 }, sizes: [{ width: 390, height: 844 }] },
  {
    options: {},
    sizes: [
      { width: 768, height: 1024 },
      { width: 1280, height: 800 },
      { width: 1920, height: 1080 },
    ],
  },
];

interface Device {
  page: Page;
  sizes: ViewportSize[];
}

/** What is done on a page before it is taken. */
export type Prepare = (page: Page) => Promise<void>;

export class Camera {
  readonly #devices: Device[];
  readonly #directory: string;

  private constructor(devices: Device[], directory: string) {
    this.#devices = devices;
    this.#directory = directory;
  }

  /** Cameras on the server at that address, one for each kind of device. */
  static async at(browser: Browser, baseURL: string): Promise<Camera> {
    const directory = process.env.MILLRACE_SCREENSHOTS;
    if (!directory) {
      throw new Error("MILLRACE_SCREENSHOTS is not set: take the pictures with `cargo xtask screenshots`");
    }
    const devices = DEVICES.map(async ({ options, sizes }) => {
      const context = await browser.newContext({ ...options, baseURL });
      const page = await context.newPage();
      // A form with changes asks before it is left.
      page.on("dialog", (dialog) => dialog.accept());
      return { page, sizes };
    });
    return new Camera(await Promise.all(devices), directory);
  }

  /** Takes the page at the address as `name`, everything that can be scrolled to included. */
  async take(name: string, address: string, prepare?: Prepare): Promise<void> {
    for (const { page, sizes } of this.#devices) {
      await page.setViewportSize(sizes[0]!);
      await page.goto(address);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByRole("status").filter({ hasText: /^Live$/ })).toBeVisible();
      await prepare?.(page);
      for (const size of sizes) {
        await page.setViewportSize(size);
        // As if the window were as high as the page: what sticks to its edges is where it belongs.
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        await page.setViewportSize({ ...size, height: Math.max(size.height, height) });
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          const path = join(this.#directory, String(size.width), colorScheme, `${name}.png`);
          await page.screenshot({ path, animations: "disabled" });
        }
      }
    }
  }
}
