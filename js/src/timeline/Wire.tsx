// The wire view: the same turn as Burr's events, as the frames that carried them to this page, and as the server-sent events that an
// HTTP endpoint would send for it. Choosing one shows its counterparts.
import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { count } from "../inspector/words";
import type { FrameSent } from "../protocol.gen";
import type { DeltaChoice } from "./choice";
import { nameOf } from "./log";
import { TurnEvents } from "./replayEvents";
import { jsonOf, linesOf, serverSent } from "./sse";
import type { TurnProps } from "./Timeline";
import { WireList } from "./WireList";
import { type Column, eventsFor, eventWords, type FrameRow, frameRows, pretty, rowsFor, sizeWords } from "./wireRows";

/** Of a row with one line, and of one with three and an empty one, in pixels. */
const LINE = 22;
const LINES = 68;

interface Known {
  /** Of which turn. */
  key: string;
  began: number;
  events: TurnEvents;
  frames: readonly FrameSent[];
  /** Whether the turn was over. */
  whole: boolean;
}

export function Wire(props: TurnProps) {
  const open = useSignal(false);
  return (
    <details
      class="bcw-wire"
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary>On the wire: events, frames, server-sent events</summary>
      {open.value && <Turn {...props} />}
    </details>
  );
}

function Turn({ turn, branch, logs, choice }: TurnProps) {
  const known = useSignal<Known | null>(null);
  const failed = useSignal<string | null>(null);
  const again = useSignal(0);
  const over = turn.status !== "running";
  const asked = again.value;
  const key = `${branch} ${turn.key}`;
  useEffect(() => {
    let gone = false;
    failed.value = null;
    logs.of(branch, turn).then(
      ({ events, frames, whole }) => {
        if (!gone) known.value = { key, began: turn.started, events: new TurnEvents(events), frames, whole };
      },
      (error: Error) => {
        if (!gone) failed.value = error.message;
      },
    );
    return () => {
      gone = true;
    };
  }, [logs, nameOf(branch, turn), asked, known, failed]);
  const askAgain = (
    <button type="button" class="bcw-control" onClick={() => (again.value += 1)}>
      {failed.value === null ? "Read again" : "Try again"}
    </button>
  );
  if (failed.value !== null) {
    return (
      <p class="bcw-lab-words">
        {`What was told of it did not come: ${failed.value} `}
        {askAgain}
      </p>
    );
  }
  if (known.value?.key !== key) return <p class="bcw-lab-words">Fetching what was told of the turn …</p>;
  return (
    <>
      {!over && <p class="bcw-lab-words">The turn runs: this is how far it was. {askAgain}</p>}
      {/* What is chosen is a row of what was told: not of what is told anew. */}
      <Columns key={nameOf(branch, turn)} known={known.value} choice={choice} />
    </>
  );
}

interface Chosen {
  column: Column;
  row: number;
}

const COLUMNS: readonly Column[] = ["events", "frames", "sse"];

interface ColumnsProps {
  known: Known;
  choice: DeltaChoice;
}

function Columns({ known: { events, frames: sent, began }, choice }: ColumnsProps) {
  const root = useRef<HTMLDivElement>(null);
  const frames = useMemo(() => frameRows(sent, events, began), [sent, events, began]);
  /** Those that are lists. */
  const columns = frames.length === 0 ? COLUMNS.filter((column) => column !== "frames") : COLUMNS;
  const chosen = useSignal<Chosen | null>(null);
  const lengthOf = (column: Column) => (column === "frames" ? frames.length : events.count);
  useDelta(events, choice, chosen);
  const at = chosen.value !== null && chosen.value.row < lengthOf(chosen.value.column) ? chosen.value : null;
  const range = at === null ? null : eventsFor(at.column, at.row, frames);

  const choose = (column: Column, row: number) => {
    chosen.value = { column, row };
    const spot = column === "frames" ? null : events.spotOf(row);
    if (spot !== null) choice.choose(spot);
  };
  const list = (
    column: Column,
    name: string,
    length: number,
    height: number,
    row: (index: number) => ComponentChildren,
  ) => (
    <WireList
      {...{ name, height, row }}
      count={length}
      active={at?.column === column ? at.row : null}
      marked={range === null ? null : rowsFor(column, range, frames)}
      choose={(index) => choose(column, index)}
      leave={(by) => {
        const to = columns[columns.indexOf(column) + by];
        root.current?.querySelector<HTMLElement>(`[data-column="${to}"] [role="listbox"]`)?.focus();
      }}
    />
  );
  const first = range === null ? null : range.from;
  const frame = range === null ? undefined : frames[rowsFor("frames", range, frames).from];
  return (
    <div ref={root} class="bcw-wire-columns">
      <ColumnBox column="events" title="Burr events" about={count(events.count, "event")}>
        {list("events", "Burr events", events.count, LINE, (index) => (
          <EventRow events={events} number={index} />
        ))}
        {first !== null && <Whole name="The event as JSON" text={pretty(jsonOf(events.at(first)))} />}
      </ColumnBox>
      <ColumnBox column="frames" title="Frames to the page" about={framesWords(frames)}>
        {frames.length === 0 ? (
          <p class="bcw-lab-words">No page was shown the turn as it happened.</p>
        ) : (
          list("frames", "Frames", frames.length, LINE, (index) => <FrameCells row={frames[index] as FrameRow} />)
        )}
        {frame !== undefined && <Whole name="The frame as JSON" text={bodyOf(frame)} />}
      </ColumnBox>
      <ColumnBox column="sse" title="Server-sent events" about={count(events.count, "event")}>
        {list("sse", "Server-sent events", events.count, LINES, (index) =>
          linesOf(events.at(index), index).map((line) => <code key={line}>{line}</code>),
        )}
        {first !== null && <Whole name="What is sent" text={serverSent(events.at(first), first)} />}
      </ColumnBox>
    </div>
  );
}

/** A delta that is chosen elsewhere is chosen here too. */
function useDelta(events: TurnEvents, choice: DeltaChoice, chosen: Signal<Chosen | null>): void {
  useEffect(
    () =>
      choice.spot.subscribe((spot) => {
        const number = spot === null ? null : events.numberOf(spot);
        const is = chosen.peek();
        if (number === null || (is !== null && is.column !== "frames" && is.row === number)) return;
        chosen.value = { column: "events", row: number };
      }),
    [events, choice, chosen],
  );
}

interface ColumnBoxProps {
  column: Column;
  title: string;
  about: string;
  children: ComponentChildren;
}

function ColumnBox({ column, title, about, children }: ColumnBoxProps) {
  return (
    <section class="bcw-wire-column" data-column={column} aria-label={title}>
      <header class="bcw-wire-head">
        <b>{title}</b> <span class="bcw-wire-about">{about}</span>
      </header>
      {children}
    </section>
  );
}

function EventRow({ events, number }: { events: TurnEvents; number: number }) {
  const event = events.at(number);
  return (
    <>
      <span class="bcw-wire-number">{number}</span>
      <span class="bcw-wire-number">{at(events.times[number] ?? 0)}</span>
      <span class="bcw-wire-type">{event.type}</span>
      <span class="bcw-wire-what" dir="auto">
        {eventWords(event)}
      </span>
    </>
  );
}

function FrameCells({ row: { frame, sent, from, to, deltas, size } }: { row: FrameRow }) {
  return (
    <>
      <span class="bcw-wire-number">{`#${frame.seq}`}</span>
      <span class="bcw-wire-number">{at(sent)}</span>
      <span class="bcw-wire-what">
        {[
          deltas > 0 ? count(deltas, "delta") : null,
          to - from > deltas ? count(to - from - deltas, "other event") : null,
        ]
          .filter(Boolean)
          .join(", ")}
      </span>
      <span class="bcw-wire-number">{size === null ? "" : sizeWords(size)}</span>
    </>
  );
}

/** Neighbours are told apart: so many decimals. */
function at(seconds: number): string {
  return `${Math.max(0, seconds).toFixed(3)} s`;
}

/** What is chosen, whole. */
function Whole({ name, text }: { name: string; text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard
    <section class="bcw-wire-whole" aria-label={name} tabIndex={0}>
      <pre>{text}</pre>
    </section>
  );
}

function framesWords(frames: readonly FrameRow[]): string {
  if (frames.length === 0) return "none";
  const told = frames.reduce((sum, { from, to }) => sum + to - from, 0);
  return `${frames.length.toLocaleString("en")}, with ${(told / frames.length).toFixed(1)} events each`;
}

function bodyOf({ frame }: FrameRow): string {
  return frame.body === null ? "What it held is not kept any more." : pretty(frame.body);
}
