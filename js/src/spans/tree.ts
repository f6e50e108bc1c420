/** What ran inside a step, as a tree of rows. An application with a single action is one row; it is titled by its actions. */
import type { Span, StateChange, Step } from "../protocol.gen";

/** `waiting`: an application that has been handed to an executor, and whose first action has not begun. */
export type RowStatus = Span["status"] | "waiting";
export type Pair = [name: string, value: string];

export interface Row {
  /** The span's number. */
  key: number;
  kind: Span["kind"];
  title: string;
  status: RowStatus;
  given: Pair[];
  /** What it was given and its siblings were not: all of `given` where nothing tells them apart. */
  apart: Pair[];
  /** What an application did to its state. */
  changes: StateChange[];
  attributes: Pair[];
  error: string | null;
  /** In seconds; null while it runs. */
  duration: number | null;
  deltas: number;
  /** The action that runs in an application of several. */
  current: string | null;
  rows: Row[];
  /** How many rows are below it, at any depth. */
  size: number;
}

type Children = ReadonlyMap<number | null, readonly Span[]>;

const trees = new WeakMap<Step, readonly Row[]>();

/** The rows directly in the step. The same step gives the same rows. */
export function rowsOf(step: Step): readonly Row[] {
  let rows = trees.get(step);
  if (rows === undefined) {
    const children = new Map<number | null, Span[]>();
    for (const span of step.spans) {
      const siblings = children.get(span.parent);
      if (siblings === undefined) children.set(span.parent, [span]);
      else siblings.push(span);
    }
    rows = build(children, null, step.status !== "running");
    trees.set(step, rows);
  }
  return rows;
}

/** The step itself as a row, for a tree of several steps. */
export function rowOf(step: Step): Row {
  const rows = [...rowsOf(step)];
  return {
    ...{ key: step.step, kind: "action", title: step.action, status: step.status, given: [], apart: [], changes: [] },
    ...{ attributes: Object.entries(step.attributes), error: null, duration: step.duration, deltas: 0, current: null },
    ...{ rows, size: sizeOf(rows) },
  };
}

/** Whether anything is known of what happened inside. */
export function hasInside(step: Step): boolean {
  return step.spans.length > 0 || Object.keys(step.attributes).length > 0;
}

/** The applications that run directly for the step: those inside of others are theirs. */
export function applicationsIn(rows: readonly Row[]): Row[] {
  return rows.flatMap((row) => (row.kind === "application" ? [row] : applicationsIn(row.rows)));
}

function build(children: Children, parent: number | null, ended: boolean): Row[] {
  const spans = children.get(parent) ?? [];
  const differing = differingKeys(spans);
  const siblingsTell = spans.some((span) => span.kind === "application" && children.has(span.span));
  return spans.map((span) => {
    const inner = children.get(span.span) ?? [];
    const only = span.kind === "application" && inner.length === 1 && inner[0]?.kind === "action" ? inner[0] : null;
    const rows = build(children, only?.span ?? span.span, ended);
    const given = Object.entries(span.given);
    const telling = given.filter(([key]) => differing.has(key));
    const waits = span.kind === "application" && inner.length === 0 && siblingsTell;
    const status = span.status !== "running" ? span.status : ended ? "stopped" : waits ? "waiting" : "running";
    return {
      key: span.span,
      kind: span.kind,
      title: span.kind === "application" ? applicationTitle(inner) : span.name,
      status,
      given,
      apart: telling.length > 0 ? telling : given,
      changes: span.changes,
      attributes: Object.entries({ ...span.attributes, ...only?.attributes }),
      error: span.error ?? only?.error ?? null,
      duration: span.duration,
      deltas: Math.max(span.deltas, only?.deltas ?? 0),
      current: status === "running" && only === null ? (running(inner)?.name ?? null) : null,
      rows,
      size: sizeOf(rows),
    };
  });
}

function running(spans: readonly Span[]): Span | undefined {
  return spans.findLast((span) => span.kind === "action" && span.status === "running");
}

/** So many actions are named in a title. */
const NAMED = 3;

function applicationTitle(inner: readonly Span[]): string {
  const names = [...new Set(inner.filter(({ kind }) => kind === "action").map(({ name }) => name))];
  if (names.length === 0) return "application";
  const shown = names.length > NAMED ? [...names.slice(0, NAMED - 1), "…", ...names.slice(-1)] : names;
  return shown.join(" → ");
}

function differingKeys(spans: readonly Span[]): Set<string> {
  const values = new Map<string, Set<string>>();
  const applications = spans.filter(({ kind }) => kind === "application");
  for (const key of new Set(applications.flatMap(({ given }) => Object.keys(given)))) {
    // A key that one of them lacks tells it apart too.
    values.set(key, new Set(applications.map(({ given }) => `${Object.hasOwn(given, key)}${given[key] ?? ""}`)));
  }
  return new Set([...values].filter(([, seen]) => seen.size > 1).map(([key]) => key));
}

function sizeOf(rows: readonly Row[]): number {
  return rows.reduce((size, row) => size + 1 + row.size, 0);
}
