import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

// What needs layout, selection or a sanitiser's real parser. `make js` finds the browser and names it in CHROMIUM.
export default defineConfig({
  // Found before the tests start: a dependency that is met later reloads the page in the middle of a test.
  optimizeDeps: { entries: ["src/**/*.{ts,tsx}", "tests/**/*.browser.test.{ts,tsx}"] },
  test: {
    // For loaded machines: no test waits for time to pass.
    testTimeout: 120_000,
    include: ["tests/**/*.browser.test.{ts,tsx}"],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath: process.env.CHROMIUM,
          args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        },
      }),
      instances: [{ browser: "chromium" }],
    },
  },
});
