import { defineConfig } from "vitest/config";

// What needs no real browser. Tests that do are named *.browser.test.ts(x).
export default defineConfig({
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.{ts,tsx}"],
    exclude: ["**/*.browser.test.*"],
  },
});
