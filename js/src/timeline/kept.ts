// What is known of the turns' clocks, for all views of the page: asked of the kernel once, and the page's own times told to it.
import { type Signal, signal } from "@preact/signals";
import type { ViewActions } from "../inspector";
import type { Turn, View } from "../protocol.gen";
import type { Store } from "../store/store";
import type { Connection } from "../transport/connection";
import { type Clocks, clocksOf } from "./clocks";
import { SeenHolds } from "./holds";
import { Logs, nameOf } from "./log";
import type { Range } from "./scale";

/** `missing`: not asked for yet; `failed`: see `why`. */
export type Asking = "missing" | "asked" | "known" | "failed";

export class TurnClocks {
  readonly clocks: Signal<Clocks | null> = signal(null);
  /** When the turn was held, in seconds since it began; null while that is not known. */
  readonly holds: Signal<readonly Range[] | null> = signal(null);
  readonly asking: Signal<Asking> = signal("missing");
  readonly why: Signal<string> = signal("");
  /** Whether they were asked for when the turn was over. */
  isFinal = false;
}

/** Of one session. */
export class Kept {
  readonly logs: Logs;
  /** Where a replay is, in seconds since the shown turn began. */
  readonly playhead: Signal<number | null> = signal(null);
  readonly #actions: ViewActions;
  readonly #arrivals: Connection["arrivals"];
  readonly #clocks = new Map<string, TurnClocks>();
  /** When a running turn was last asked about, by `performance.now()`, and what was seen then. */
  asked: { at: number; view: View | null } = { at: Number.NEGATIVE_INFINITY, view: null };
  readonly #holds = new Map<string, SeenHolds>();

  constructor(actions: ViewActions, arrivals: Connection["arrivals"]) {
    this.#actions = actions;
    this.#arrivals = arrivals;
    this.logs = new Logs(actions.log);
  }

  clocksOf(branch: string, turn: Turn): TurnClocks {
    const name = nameOf(branch, turn);
    let clocks = this.#clocks.get(name);
    if (clocks === undefined) {
      clocks = new TurnClocks();
      this.#clocks.set(name, clocks);
      // What was known while it ran is shown until all of it has come.
      const running = this.#clocks.get(nameOf(branch, { ...turn, ended: null }));
      if (running !== undefined) {
        clocks.clocks.value = running.clocks.peek();
        clocks.holds.value = running.holds.peek();
      }
    }
    return clocks;
  }

  /** When the turn was held, as far as this page has seen it. */
  holdsOf(branch: string, { key }: Turn): SeenHolds {
    const name = `${branch} ${key}`;
    let holds = this.#holds.get(name);
    if (holds === undefined) {
      holds = new SeenHolds();
      this.#holds.set(name, holds);
    }
    return holds;
  }

  /** Ask for them, as far as the turn has come. */
  async ask(branch: string, turn: Turn): Promise<void> {
    const { started, status } = turn;
    const kept = this.clocksOf(branch, turn);
    if (kept.asking.peek() === "asked") return;
    kept.asking.value = "asked";
    kept.isFinal = status !== "running";
    try {
      const log = await this.logs.of(branch, turn);
      const clocks = clocksOf(log, started, this.#arrivals);
      kept.clocks.value = clocks;
      // Of a turn that runs it would be known up to now only.
      if (kept.isFinal) kept.holds.value = holdsOf(log.events, started);
      kept.asking.value = "known";
      // Once a turn: of one that runs, each time there would be more.
      if (kept.isFinal && clocks.untold.length > 0) this.#actions.tellPainted(clocks.untold);
    } catch (error) {
      kept.why.value = error instanceof Error ? error.message : String(error);
      kept.asking.value = "failed";
    }
  }
}

/** Whether the turn is seen in a recording that does not hold it: nothing but a recording refuses to tell how a turn went that is seen. */
export function isUnrecorded(store: Store, { asking }: TurnClocks): boolean {
  const isRecording = (store.view.value?.session.recording ?? null) !== null;
  return isRecording && store.connection.value !== "lost" && asking.value === "failed";
}

/** One that ends with the turn, where the turn ended while it was held. */
function holdsOf(events: Awaited<ReturnType<Logs["of"]>>["events"], began: number): Range[] {
  const holds: Range[] = [];
  let from: number | null = null;
  let last = 0;
  for (const event of events) {
    if ("monotonic" in event) last = event.monotonic - began;
    if (event.type === "turn-paused") from ??= last;
    else if (event.type === "turn-resumed" && from !== null) {
      holds.push({ from, to: last });
      from = null;
    }
  }
  return from === null ? holds : [...holds, { from, to: last }];
}

const all = new WeakMap<Store, Kept>();

export function keptOf(store: Store, actions: ViewActions, arrivals: Connection["arrivals"]): Kept {
  let kept = all.get(store);
  if (kept === undefined) {
    kept = new Kept(actions, arrivals);
    all.set(store, kept);
  }
  return kept;
}
