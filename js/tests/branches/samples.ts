import type { BranchInfo } from "../../src/protocol.gen";

export function branch(
  key: string,
  parent: string | null,
  shared: number,
  actions: string[],
  prompt: string | null = null,
  base: string | null = parent,
): BranchInfo {
  const turn = parent === null ? null : `t-${key}`;
  return { key, app_id: `app-${key}`, parent, turn, prompt, base, actions, shared };
}
