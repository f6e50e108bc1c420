// When a running turn was held, as this page sees it happen: what was told of the turn says it exactly, once that is known.
import { type Signal, signal } from "@preact/signals";
import type { Turn, View } from "../protocol.gen";
import type { Range } from "./scale";
import { lastKnown, stepsOf } from "./turnScene";

export class SeenHolds {
  /** Those that are over, in seconds since the turn began. */
  readonly over: Signal<readonly Range[]> = signal([]);
  /** When the one began that goes on, null without one. */
  readonly since: Signal<number | null> = signal(null);

  /** Take in the view, which has the turn; `now`: how far the turn has come, in seconds since it began, where that is known. */
  see(view: View, turn: Turn, now: number | null): void {
    const since = this.since.peek();
    // Nothing is told of a turn while it is held: what was told last is from its beginning.
    const last = lastKnown(turn, stepsOf(view, turn), null);
    const isHeld = view.held !== null && turn.status === "running";
    if (since !== null && (!isHeld || last > since)) {
      const to = last > since ? last : Math.max(since, now ?? since);
      this.over.value = [...this.over.peek(), { from: since, to }];
      this.since.value = isHeld ? last : null;
    } else if (since === null && isHeld) this.since.value = last;
  }
}
