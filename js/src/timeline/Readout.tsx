// The delta that is looked at, as text: which one it is, when it came, what it says, and what was said up to it.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { seconds } from "../inspector/words";
import { moment, number, visible } from "./words";

/** So much of the text before it is shown, in code units. */
const ROOM = 600;

export interface ReadDelta {
  action: string;
  /** Its place among those of its step, from 0 on, and how many there are: 0 of an answer that was not streamed. */
  delta: number;
  of: number;
  /** When it came, in seconds since the turn began. */
  at: number;
  /** Since the one before it in the step; of the first, since the step began. */
  gap: number;
  /** Of the step, up to its end; null where it is not known any more. */
  text: string | null;
  /** Where it begins in the text. */
  from: number;
  /** In code units. */
  length: number;
  /** When the frame that carried it was sent, received and painted; null where that is not known. */
  frame: { seq: number; deltas: number; sent: number; received: number | null; painted: number | null } | null;
  /** Whether the mark may stand for several. */
  thinned: boolean;
}

export function Readout({ read, empty }: { read: ReadDelta | null; empty: string }) {
  // From the first delta on that is looked at, so that what is below does not jump; before that it would be a gap.
  const isRoomy = useRef(false);
  isRoomy.current ||= read !== null;
  const roomy = isRoomy.current;
  if (read === null) {
    return (
      <Box roomy={roomy}>
        <p class="bcw-timeline-quiet">{empty}</p>
      </Box>
    );
  }
  const { action, delta, of, at, gap, text, from, length, frame, thinned } = read;
  return (
    <Box roomy={roomy} more={text !== null && <UpTo text={text} from={from} />}>
      <p>
        <b>{of === 0 ? "The answer at once" : `Delta ${number(delta + 1)} of ${number(of)}`}</b>
        {`, ${action}: at ${moment(at)}, ${seconds(gap)} after ${delta === 0 ? "its step began" : "the one before"}.`}
        {thinned && " It may stand for several."}
      </p>
      <p class="bcw-timeline-delta">
        {text === null ? (
          <span class="bcw-timeline-quiet">{`${number(length)} characters; the text was replaced later.`}</span>
        ) : (
          <code dir="auto">{length === 0 ? "(empty)" : visible(text.slice(from))}</code>
        )}
      </p>
      {frame !== null && <p class="bcw-timeline-way">{wayWords(at, frame)}</p>}
    </Box>
  );
}

interface BoxProps {
  /** Whether it keeps room for a delta. */
  roomy: boolean;
  children: ComponentChildren;
  more?: ComponentChildren;
}

function Box({ roomy, children, more }: BoxProps) {
  return (
    <section class="bcw-timeline-readout" data-roomy={roomy || undefined} aria-label="Delta">
      <div aria-live="polite">{children}</div>
      {more}
    </section>
  );
}

/** The text up to the delta, which is always in sight. */
function UpTo({ text, from }: { text: string; from: number }) {
  const box = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => {
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
    <p ref={box} class="bcw-timeline-text" dir="auto" tabIndex={0}>
      {from > ROOM && <span class="bcw-timeline-quiet">{`… ${number(from - ROOM)} characters before … `}</span>}
      {text.slice(Math.max(0, from - ROOM), from)}
      <mark>{text.slice(from)}</mark>
    </p>
  );
}

function wayWords(at: number, { seq, deltas, sent, received, painted }: NonNullable<ReadDelta["frame"]>): string {
  const others = deltas > 1 ? `together with ${number(deltas - 1)} other${deltas === 2 ? "" : "s"}` : "alone";
  const words = [`Sent ${seconds(Math.max(0, sent - at))} later in frame ${number(seq)}, ${others}`];
  if (received !== null) words.push(`received after another ${seconds(received - sent)}`);
  if (received !== null && painted !== null) words.push(`painted after another ${seconds(painted - received)}`);
  return `${words.join("; ")}.`;
}
