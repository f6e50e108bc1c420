// The branches of a chat as lines of a tree, and where two of them part.
import type { BranchInfo } from "../protocol.gen";

export interface Line {
  branch: BranchInfo;
  /** Its place among all, in the order in which they were made, from 1 on. */
  number: number;
  /** For each level from the top, whether the line that comes down there goes on below this row; the last one leads to it. */
  guides: boolean[];
}

/** From the first branch on, each followed by those that were forked from it. */
export function linesOf(branches: readonly BranchInfo[]): Line[] {
  const lines: Line[] = [];
  const add = (branch: BranchInfo, guides: boolean[]): void => {
    lines.push({ branch, number: branches.indexOf(branch) + 1, guides });
    const forks = branches.filter(({ parent }) => parent === branch.key);
    for (const fork of forks) add(fork, [...guides, fork !== forks.at(-1)]);
  };
  for (const branch of branches) if (branch.parent === null) add(branch, []);
  return lines;
}

export interface Pair {
  here: string | null;
  there: string | null;
}

export interface Parting {
  /** How many steps both have in common. */
  shared: number;
  /** The actions of the steps after those, side by side; null where one has ended. */
  pairs: Pair[];
  /** The first of them that differ, by its place among the pairs; null where none does. */
  at: number | null;
}

/** The steps of two branches side by side. */
export function partingOf(branches: readonly BranchInfo[], here: BranchInfo, there: BranchInfo): Parting {
  const shared = sharedBy(lineage(branches, here), lineage(branches, there));
  const ours = actionsFrom(branches, here, shared);
  const theirs = actionsFrom(branches, there, shared);
  const pairs = Array.from({ length: Math.max(ours.length, theirs.length) }, (_, at) => ({
    here: ours[at] ?? null,
    there: theirs[at] ?? null,
  }));
  const at = pairs.findIndex((pair) => pair.here !== pair.there);
  return { shared, pairs, at: at < 0 ? null : at };
}

/** The branch, the one that it shares its first steps with, and so on: each was told before the next. */
function lineage(branches: readonly BranchInfo[], branch: BranchInfo): BranchInfo[] {
  const base = branches.find(({ key }) => key === branch.base);
  return base === undefined ? [branch] : [branch, ...lineage(branches, base)];
}

/** Each shares most with its base: what two share is what is passed on all the way from one to the other. */
function sharedBy(ours: BranchInfo[], theirs: BranchInfo[]): number {
  const common = ours.find((each) => theirs.includes(each));
  const forks = [ours, theirs].flatMap((each) => each.slice(0, common === undefined ? 0 : each.indexOf(common)));
  return forks.length === 0 ? 0 : Math.min(...forks.map(({ shared }) => shared));
}

/** The actions of all its steps but the first ones: what it shares with its base is that one's. */
function actionsFrom(branches: readonly BranchInfo[], branch: BranchInfo, from: number): string[] {
  const base = branches.find(({ key }) => key === branch.base);
  if (base === undefined || from >= branch.shared) return branch.actions.slice(from - branch.shared);
  return [...actionsFrom(branches, base, from).slice(0, branch.shared - from), ...branch.actions];
}
