import { defineConfig } from "vitest/config";

// What needs no real browser. Tests that do are named *.browser.test.ts(x).
export default defineConfig({
  test: {
    // For loaded machines: no test waits for time to pass.
    testTimeout: 120_000,
    environment: "happy-dom",
    include: ["tests/**/*.test.{ts,tsx}"],
    exclude: ["**/*.browser.test.*"],
  },
});
