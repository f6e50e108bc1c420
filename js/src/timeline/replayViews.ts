// The view at any place of a turn that was told: what is replayed. Forwards each event is folded onto the view before it; backwards
// the way begins at a view that was kept.
import type { Turn, View } from "../protocol.gen";
import { fold } from "../store/fold";
import { before } from "../store/past";
import type { Item, TurnEvents } from "./replayEvents";

/** From one view that is kept to the next, so many items are folded: a run of deltas, however long, is one. */
const KEPT = 32;

/** The view without the results that the turn has brought for calls of turns before it. */
function unanswered(view: View, items: readonly Item[]): View {
  const messages = [...view.messages];
  for (const { event } of items) {
    if (event.type !== "message-added" || event.kind !== "tool-result" || event.call === null) continue;
    const at = messages.findLastIndex(
      ({ kind, call, result }) => kind === "tool-call" && call === event.call && result === event.text,
    );
    const answered = messages[at];
    if (answered !== undefined) messages[at] = { ...answered, result: null };
  }
  return { ...view, messages };
}

export class Views {
  readonly events: TurnEvents;
  /** The views after 0, `KEPT`, 2 `KEPT` ... items. */
  readonly #kept: View[];
  /** The view that was made last, and after how many items. */
  #last: { items: number; view: View };
  /** Whether the turn is over though its end was not told: one has gone back to before it. */
  readonly #cut: boolean;

  /** `view` is one that has the turn, as it is now. */
  constructor(view: View, turn: Turn, events: TurnEvents) {
    this.events = events;
    const first = unanswered(before(view, turn.key), events.items);
    this.#kept = [first];
    this.#last = { items: 0, view: first };
    this.#cut = turn.status !== "running" && !events.ended;
  }

  /** The view when so many events of the turn had been told. */
  at(told: number): View {
    const { events } = this;
    const items = told === 0 ? 0 : events.itemOf(told - 1) + 1;
    const last = events.items[items - 1];
    if (last === undefined) return this.#after(0);
    const part = told - last.first;
    const view = part === last.count ? this.#after(items) : fold(this.#after(items - 1), events.part(last, part));
    return this.#cut && told === events.count ? this.#closed(view) : view;
  }

  #after(items: number): View {
    let { items: at, view } = this.#last;
    const kept = Math.min(Math.floor(items / KEPT), this.#kept.length - 1);
    if (at > items || at < kept * KEPT) {
      at = kept * KEPT;
      view = this.#kept[kept] as View;
    }
    for (; at < items; at += 1) {
      if (at % KEPT === 0) this.#kept[at / KEPT] ??= view;
      view = fold(view, (this.events.items[at] as Item).event);
    }
    this.#last = { items, view };
    return view;
  }

  #closed(view: View): View {
    const turn = view.turns.at(-1);
    if (turn === undefined) return view;
    const monotonic = turn.started + this.events.seconds;
    return fold(view, { type: "turn-completed", time: 0, monotonic, turn: turn.key, next_action: null, needs: [] });
  }
}
