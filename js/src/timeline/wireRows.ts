// The rows of the wire view: the same turn as events, as the frames that carried them, and as server-sent events. An event and its
// server-sent form have the same number; a frame has a range of them.
import type { FrameSent } from "../protocol.gen";
import type { TurnEvent, TurnEvents } from "./replayEvents";
import { upperBound } from "./replayEvents";

export type Column = "events" | "frames" | "sse";

/** Some events of the turn: from the first to before the last. */
export interface Range {
  from: number;
  to: number;
}

export interface FrameRow extends Range {
  frame: FrameSent;
  /** Seconds since the turn began. */
  sent: number;
  deltas: number;
  /** The content's length in bytes; null where it is not kept any more. */
  size: number | null;
}

/** The frames that carried any of the turn's events, in order. */
export function frameRows(frames: readonly FrameSent[], events: TurnEvents, began: number): FrameRow[] {
  const rows: FrameRow[] = [];
  for (const frame of frames) {
    const from = Math.max(0, frame.first);
    const to = Math.min(events.count, frame.last);
    if (from >= to) continue;
    const deltas = upperBound(events.deltas, to - 1) - upperBound(events.deltas, from - 1);
    const size = frame.body === null ? null : new TextEncoder().encode(frame.body).length;
    rows.push({ frame, from, to, sent: frame.sent - began, deltas, size });
  }
  return rows;
}

/** The rows of a column that stand for these events. */
export function rowsFor(column: Column, { from, to }: Range, frames: readonly FrameRow[]): Range {
  if (column !== "frames") return { from, to };
  const first = frames.findIndex((row) => row.to > from);
  if (first < 0) return { from: 0, to: 0 };
  const after = frames.findIndex((row, index) => index >= first && row.from >= to);
  return { from: first, to: after < 0 ? frames.length : after };
}

/** The events that the row of a column stands for. */
export function eventsFor(column: Column, row: number, frames: readonly FrameRow[]): Range {
  const frame = column === "frames" ? frames[row] : undefined;
  return frame === undefined ? { from: row, to: row + 1 } : { from: frame.from, to: frame.to };
}

/** What an event is about, in a few words. */
export function eventWords(event: TurnEvent): string {
  switch (event.type) {
    case "text-delta":
    case "text-replaced":
    case "notice":
      return visible(event.text);
    case "part-delta":
      return `${event.kind} ${visible(event.text)}`;
    case "message-added":
      return `${event.kind} ${visible(event.text)}`;
    case "turn-started":
      return event.prompt ?? "";
    case "step-started":
      return `${event.step} ${event.action}`;
    case "step-finished":
      return `${event.step} ${event.action}: ${event.status}`;
    case "transition-taken":
      return `${event.from_action} → ${event.to_action}`;
    case "state-changed":
      return event.changes.map(({ key }) => key).join(", ");
    case "span-started":
      return event.name;
    case "span-finished":
      return event.status;
    case "attributes-logged":
      return Object.keys(event.attributes).join(", ");
    case "turn-paused":
      return event.at === "delta" ? "at a delta" : `before ${event.next_action ?? "the end"}`;
    case "turn-failed":
      return event.error.message;
    default:
      return "";
  }
}

/** So much of a text is shown in a row. */
const LONG = 200;

/** A delta is often nothing but white space. */
function visible(text: string): string {
  const shown = text.slice(0, LONG).replaceAll("\n", "↵").replaceAll("\t", "⇥");
  return `“${shown}${text.length > LONG ? "…" : ""}”`;
}

/** JSON as a person reads it; what is none stays as it is. */
export function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

/** `812 B`, `1.2 KB`. */
export function sizeWords(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} KB`;
}
