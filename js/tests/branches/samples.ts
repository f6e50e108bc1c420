import type { BranchInfo } from "../../src/protocol.gen";

export function branch(
  key: string,
  parent: string | null,
  shared: number,
  actions: string[],
  prompt: string | null = null,
): BranchInfo {
  return { key, app_id: `app-${key}`, parent, turn: parent === null ? null : `t-${key}`, prompt, actions, shared };
}
