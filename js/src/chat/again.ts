// What a message offers about its turn: to run it again, with another prompt too, and to show the other versions of it.
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Message, Turn, View } from "../protocol.gen";
import type { Store } from "../store/store";
import type { Follower } from "./follow";
import type { Can, Outgoing } from "./outgoing";

export interface Again {
  can: { readonly value: Can };
  settings: Store["settings"];
  retry(turn: string): void;
  /** Says whether it is asked for. */
  edit(turn: string, text: string): boolean;
  /** Show another version of a turn; `button`, in `row`, was pressed for it. */
  show(turn: string, row: HTMLElement, button: "previous" | "next"): void;
  /** Remember where an element is: see `Follower.hold`. */
  hold(element: HTMLElement): () => void;
}

/** What a message offers, besides Copy. */
export interface Offers {
  /** Its prompt can be edited. */
  edits: boolean;
  /** Its turn can be run again. */
  retries: boolean;
  /** The versions of its turn, where there are several. */
  siblings: readonly string[] | null;
}

const NOTHING: Offers = { edits: false, retries: false, siblings: null };

/** What each message offers: a prompt to be edited, the last message of a turn the rest. */
export function offersOf(
  view: View | null,
  messages: readonly Message[],
  { offers }: Pick<Store, "offers">,
): (message: Message) => Offers {
  const turns = new Map<string, Turn>(view?.turns.map((turn) => [turn.key, turn]));
  const lasts = new Map(messages.map((message) => [message.turn, message]));
  const branches = offers("history");
  const runs = (view?.session.recording ?? null) === null;
  return (message) => {
    const turn = turns.get(message.turn);
    if (turn === undefined) return NOTHING;
    const running = turn.status === "running";
    // Until something is said in answer, the row would only come to stand elsewhere.
    const last = lasts.get(message.turn) === message && !(running && message.role === "user");
    return {
      edits: branches && turn.editable && message.key === `${turn.key}:prompt`,
      // Of the last turn, where nothing of it is kept: any other begins a branch.
      retries: runs && last && !running && (branches || (turn.status !== "completed" && turn === view?.turns.at(-1))),
      siblings: branches && last && turn.siblings.length > 1 ? turn.siblings : null,
    };
  };
}

interface Stay {
  turn: string;
  button: "previous" | "next";
  back: (instead?: Element) => void;
}

/** `Again` for one conversation. When another version is shown, the reader stays where they have asked for it. */
export function useAgain(
  store: Store,
  outgoing: Outgoing,
  follower: RefObject<Follower | null>,
  log: RefObject<HTMLElement | null>,
  onSaid: () => void,
): { again: Again; stays: boolean } {
  const stay = useRef<Stay | null>(null);
  const again = useMemo<Again>(
    () => ({
      can: outgoing.can,
      settings: store.settings,
      retry(turn) {
        if (outgoing.retry(turn)) onSaid();
      },
      edit(turn, text) {
        const asked = outgoing.retry(turn, text);
        if (asked) onSaid();
        return asked;
      },
      show(turn, row, button) {
        const back = follower.current?.hold(row);
        if (back !== undefined && outgoing.show(turn)) stay.current = { turn, button, back };
      },
      hold: (element) => follower.current?.hold(element) ?? (() => undefined),
    }),
    [outgoing, store.settings, follower, onSaid],
  );

  const arrives = store.view.value?.turns.some(({ key }) => key === stay.current?.turn) ?? false;
  useLayoutEffect(() => {
    if (stay.current === null) return;
    const { turn, button, back } = stay.current;
    if (!arrives) {
      // Refused, or the kernel is gone.
      if (!store.asked.peek().some(({ type }) => type === "switch")) stay.current = null;
      return;
    }
    stay.current = null;
    const rows = log.current?.querySelectorAll<HTMLElement>(".bcw-versions") ?? [];
    const row = [...rows].find(({ dataset }) => dataset.turn === turn);
    if (row === undefined) return;
    back(row);
    row.querySelector<HTMLElement>(`[data-shows="${button}"]`)?.focus({ preventScroll: true });
  });
  return { again, stays: arrives };
}
