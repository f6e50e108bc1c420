import { defineConfig } from "vitest/config";

// What needs no real browser. Tests that do are named *.browser.test.ts(x).
export default defineConfig({
  test: {
    // For loaded machines: no test waits for time to pass.
    testTimeout: 120_000,
    environment: "happy-dom",
    // The same examples in each run, so that a failure is the last change's; `make fuzz` tries others each time.
    setupFiles: process.env.FUZZ ? [] : ["tests/examples.ts"],
    include: ["tests/**/*.test.{ts,tsx}"],
    exclude: ["**/*.browser.test.*"],
  },
});
