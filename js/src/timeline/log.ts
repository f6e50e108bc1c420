// What was told of a turn, and the frames that carried it: asked of the kernel a part at a time, and kept once the turn is over.
import { countMarks } from "../inspector/marks";
import type { FrameSent, Turn } from "../protocol.gen";
import type { WireEvent } from "../store/fold";
import type { LogTurn } from "../transport/questions";
import { headOf } from "./replayEvents";

export interface TurnLog {
  /** In order; deltas of a step that follow each other are one `text` with a mark for each. */
  events: readonly WireEvent[];
  /** By number. Events are counted from the turn's first on, each delta as one; those of a turn before are below 0. */
  frames: readonly FrameSent[];
  /** Whether the turn was over, so that nothing more comes. */
  whole: boolean;
}

const ENDS: readonly WireEvent["type"][] = ["turn-completed", "turn-stopped", "turn-failed"];

/** What a turn's log is kept by. It is another one in each branch, and when one has gone back to within the turn: then it ended sooner. */
export function nameOf(branch: string, { key, ended }: Turn): string {
  return `${branch} ${key} ${ended}`;
}

/** Whether the turn is the one that was known, which may have ended since: none has gone back to within it. */
export function isSame(known: Turn, { key, ended }: Turn): boolean {
  return key === known.key && (known.ended === null || ended === known.ended);
}

/** The logs of one session's turns. */
export class Logs {
  readonly #ask: LogTurn;
  readonly #known = new Map<string, Promise<TurnLog>>();
  /** The running turn's, as far as it was known last. */
  #running: { name: string; log: TurnLog } | null = null;

  constructor(ask: LogTurn) {
    this.#ask = ask;
  }

  /** As far as it is known now. Rejects with the kernel's words, or when it is gone. */
  of(branch: string, turn: Turn): Promise<TurnLog> {
    const name = nameOf(branch, turn);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const fetched = this.#fetch(turn.key, this.#running?.name === name ? this.#running.log : null);
    this.#known.set(name, fetched);
    const forget = () => this.#known.delete(name);
    fetched.then((log) => {
      this.#running = log.whole ? null : { name, log };
      return log.whole || forget();
    }, forget);
    return fetched;
  }

  async #fetch(turn: string, known: TurnLog | null): Promise<TurnLog> {
    const frames = new Map(known?.frames.map((frame) => [frame.seq, frame]));
    // What no frame had carried yet is asked for again: then it is told which one has. The last frame may have carried more than was told.
    let start = Math.max(0, Math.min(countOf(known?.events ?? []), known?.frames.at(-1)?.last ?? 0));
    const events: WireEvent[] = headOf(known?.events ?? [], start);
    for (let more = true; more; ) {
      const answer = await this.#ask(turn, start);
      events.push(...answer.events);
      for (const frame of answer.frames) frames.set(frame.seq, frame);
      const told = countOf(answer.events);
      start += told;
      more = answer.more && told > 0;
    }
    return { events, frames: [...frames.values()], whole: events.some(({ type }) => ENDS.includes(type)) };
  }
}

function countOf(events: readonly WireEvent[]): number {
  return events.reduce((count, event) => count + eventsIn(event), 0);
}

/** How many events of the turn it stands for. */
export function eventsIn(event: WireEvent): number {
  return event.type === "text" ? countMarks(event.marks) : 1;
}
