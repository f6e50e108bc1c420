import { vi } from "vitest";

/** Wait until the check passes; a slow machine is no failure. */
export const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000 });
