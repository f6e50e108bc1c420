// What is on the page in each picture.
import type { FrameSent, Lane } from "../../../src/protocol.gen";
import type { WireEvent } from "../../../src/store/fold";
import type { Arrival } from "../../../src/transport/connection";
import { mark, tell } from "../../inspector/script";
import { frame } from "../script";

export interface Scene {
  events: WireEvent[];
  /** The frames that carried the last turn's, and when this page had them. */
  frames: FrameSent[];
  arrivals: Map<number, Arrival>;
}

const TEXT = "The river at night says nothing at all,\nand says it to the stones, to the reeds, to the wall. ";

/** The same at each call. */
function randoms(): () => number {
  let state = 7;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Words, and when each comes, in seconds since their step began. */
function words(count: number, first: number, every: number): [number, string][] {
  const random = randoms();
  const pieces = TEXT.split(/(?<=\s)/);
  let at = first;
  return Array.from({ length: count }, (_, n) => {
    if (n > 0) at += every * (0.3 + 1.4 * random()) + (n % 40 === 39 ? 6 * every : 0);
    return [at, pieces[n % pieces.length] ?? ""];
  });
}

function text(step: number, deltas: [number, string][]): WireEvent {
  let before = 0;
  const marks = deltas.map(([at, word]) => {
    const ticks = Math.round((at - before) * 10_000);
    before += ticks / 10_000;
    return mark(ticks, word.length);
  });
  return { type: "text", step, text: deltas.map(([, word]) => word).join(""), marks: marks.join("") };
}

const BEGAN = 500;
const STREAMS = 1.1;

/** The poem as it comes: streamed, in frames of one delta each, and at once. */
export function lanes(): Lane[] {
  const streamed = lane("streamed", poem, 1);
  const alone = lane("each delta in a frame of its own", poem, 0);
  const { figures } = streamed;
  const text = poem.map(([, word]) => word).join("");
  const steps = figures.steps.map((step) => ({
    ...step,
    streaming: false,
    deltas: 0,
    first_delta: null,
    characters: 0,
  }));
  const none = { first_delta: null, deltas: 0, characters: 0, rate: null, longest_gap: null };
  const whole: Lane = {
    label: "not streamed",
    figures: { ...figures, ...none, steps, first_text: steps.at(-1)?.end ?? null },
    marks: ["", ""],
    texts: ["", text],
    frames: [],
  };
  return [streamed, alone, whole];
}

function lane(label: string, deltas: [number, string][], coalesced: number): Lane {
  const first = deltas[0]?.[0] ?? 0;
  const last = deltas.at(-1)?.[0] ?? 0;
  const event = text(2, deltas);
  if (event.type !== "text") throw new Error("no text");
  const none = { streaming: true, status: "done", deltas: 0, characters: 0, thinned: false } as const;
  const frames = deltas.flatMap(([at], n) => {
    if (coalesced > 0 && n % 3 > 0) return [];
    const sent = STREAMS + at + 0.03 * coalesced;
    return [{ seq: n, first: n, last: n + 1 + 2 * coalesced, sent, received: sent + 0.01, painted: sent + 0.02 }];
  });
  return {
    label,
    figures: {
      ...{ turn: "t1", status: "completed", began: BEGAN, ended: STREAMS + last + 0.1, thinned: false },
      first_delta: { at: STREAMS + first, before: STREAMS, own: first, step: 2 },
      first_text: STREAMS + first,
      deltas: deltas.length,
      characters: event.text.length,
      rate: (deltas.length - 1) / (last - first),
      longest_gap: { seconds: 0.15, at: 2, step: 2, delta: 40 },
      steps: [
        { ...none, step: 1, action: "prompt", start: 0, end: STREAMS, first_delta: null },
        {
          ...none,
          step: 2,
          action: "generate_poem",
          start: STREAMS,
          end: STREAMS + last + 0.05,
          first_delta: STREAMS + first,
        },
      ],
    },
    marks: ["", event.marks],
    texts: ["", event.text],
    frames,
  };
}

/** What leads to the answer, and its deltas in frames of some thirty a second. */
function turn(deltas: [number, string][], ends: "completed" | "failed" | "running" | "held"): Scene {
  const last = deltas.at(-1)?.[0] ?? 0;
  const events: WireEvent[] = [
    tell.turn("t1", "Write a poem about a river at night", { monotonic: BEGAN }),
    tell.step("t1", 1, "prompt", BEGAN + 0.001),
    tell.finished("t1", 1, "prompt", { duration: 0.004 }),
    tell.step("t1", 2, "check_safety", BEGAN + 0.006),
    tell.finished("t1", 2, "check_safety", { duration: 0.52 }),
    tell.step("t1", 3, "decide_mode", BEGAN + 0.53),
    tell.finished("t1", 3, "decide_mode", { duration: STREAMS - 0.54 }),
    tell.step("t1", 4, "generate_poem", BEGAN + STREAMS),
    text(4, deltas),
  ];
  const more = { duration: last + 0.03, first_delta: deltas[0]?.[0] ?? null, deltas: deltas.length };
  if (ends === "completed") {
    events.push(tell.finished("t1", 4, "generate_poem", more), tell.completed("t1", BEGAN + STREAMS + last + 0.04));
  } else if (ends === "failed") {
    events.push(tell.finished("t1", 4, "generate_poem", { ...more, status: "failed" }));
    events.push({
      ...(tell.failed("t1") as Extract<WireEvent, { type: "turn-failed" }>),
      monotonic: BEGAN + STREAMS + last + 0.05,
    });
  } else if (ends === "held") {
    events.push(tell.paused("t1", { at: "delta", next_action: "generate_poem" }));
  }
  return { events, ...travel(deltas) };
}

function travel(deltas: [number, string][]) {
  const frames: FrameSent[] = [];
  const arrivals = new Map<number, Arrival>();
  const random = randoms();
  const before = 8;
  let at = 0;
  while (at < deltas.length) {
    const first = at;
    const until = (deltas[at]?.[0] ?? 0) + 0.033;
    while (at < deltas.length && (deltas[at]?.[0] ?? 0) <= until) at += 1;
    const seq = 20 + frames.length;
    const sent = BEGAN + STREAMS + until + 0.002;
    frames.push(frame(seq, sent, before + first, before + at));
    const received = sent + 0.004 + 0.03 * random() ** 3;
    arrivals.set(seq, { received: received * 1000, painted: (received + 0.004 + 0.012 * random()) * 1000 });
  }
  return { frames, arrivals };
}

const poem = words(160, 0.42, 0.02);

export const scenes: Record<string, Scene> = {
  empty: { events: [], frames: [], arrivals: new Map() },
  done: turn(poem, "completed"),
  running: turn(poem.slice(0, 70), "running"),
  held: turn(poem.slice(0, 20), "held"),
  failed: turn(poem.slice(0, 50), "failed"),
  many: turn(words(20_000, 0.42, 0.001), "completed"),
  silent: {
    events: [
      tell.turn("t1", "How many?", { monotonic: BEGAN }),
      tell.step("t1", 1, "prompt", BEGAN),
      tell.finished("t1", 1, "prompt", { duration: 0.8 }),
      tell.completed("t1", BEGAN + 0.81),
    ],
    frames: [],
    arrivals: new Map(),
  },
  loop: {
    events: [
      tell.turn("t1", "Count", { monotonic: BEGAN }),
      ...Array.from({ length: 40 }, (_, n) => [
        tell.step("t1", n + 1, "generate_poem", BEGAN + n * 0.1),
        text(n + 1, words(4, 0.01, 0.02)),
        tell.finished("t1", n + 1, "generate_poem", { duration: 0.095, deltas: 4 }),
      ]).flat(),
      tell.completed("t1", BEGAN + 4),
    ],
    frames: [],
    arrivals: new Map(),
  },
};
