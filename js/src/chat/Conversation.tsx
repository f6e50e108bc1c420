import { useComputed } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { focusedNear, hasFocus } from "../focus";
import type { MarkdownView } from "../markdown/markdown";
import type { Message, View } from "../protocol.gen";
import type { Store } from "../store/store";
import { offersOf, useAgain } from "./again";
import { choosersOf } from "./choosing";
import { type Follower, follow } from "./follow";
import { useLeftOut } from "./gradual";
import { Inside } from "./Inside";
import { MessageBoundary } from "./MessageBoundary";
import type { Outgoing } from "./outgoing";
import { placeInside } from "./placement";
import { placeholderKey, type Shown, shownMessages } from "./shown";
import { Typing, typed } from "./Typing";
import { figures } from "./words";

export interface ConversationProps {
  store: Store;
  outgoing: Outgoing;
  markdown: (element: HTMLElement) => MarkdownView;
  follower: RefObject<Follower | null>;
  /** Called when the reader has asked for a turn. */
  onSaid(): void;
}

/** The log of messages, and what the reader is told while there is none yet. */
export function Conversation({ store, outgoing, markdown, follower, onSaid }: ConversationProps) {
  const log = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [followed, setFollowed] = useState<Follower | null>(null);
  const shown = useMemo(() => shownMessages(store), [store]);
  const streaming = useComputed(() => shown.value.some((message) => message.status === "streaming"));

  useLayoutEffect(() => {
    if (log.current === null || content.current === null) return;
    const made = follow(log.current, content.current);
    follower.current = made;
    setFollowed(made);
    return made.destroy;
  }, []);

  return (
    <div class="bcw-conversation">
      {/* The status line says that an answer is complete; the log, read aloud, would say each delta. */}
      <div
        ref={log}
        class="bcw-log"
        role="log"
        aria-label="Conversation"
        aria-live="off"
        aria-busy={streaming.value}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard.
        tabIndex={0}
      >
        <div ref={content} class="bcw-messages">
          <Messages
            store={store}
            outgoing={outgoing}
            shown={shown}
            markdown={markdown}
            follower={follower}
            log={log}
            onSaid={onSaid}
          />
          <Empty store={store} outgoing={outgoing} shown={shown} onSaid={onSaid} />
          <Typing store={store} outgoing={outgoing} />
        </div>
      </div>
      {followed !== null && <Jump follower={followed} log={log} />}
    </div>
  );
}

function Messages({
  store,
  outgoing,
  shown,
  markdown,
  follower,
  log,
  onSaid,
}: ConversationProps & { shown: Shown; log: RefObject<HTMLElement | null> }) {
  const { again, stays } = useAgain(store, outgoing, follower, log, onSaid);
  const view = viewBefore(store.view.value, store.pending.value?.from);
  const last = lastFigures(view, shown.value);
  const offers = offersOf(view, shown.value, store);
  const told = typed(store, outgoing)?.step ?? null;
  const inside = placeInside(view, shown.value, told, store.connection.value === "lost");
  const leftOut = useLeftOut(shown.value.length, stays || hasFocusInside(log.current));
  const choosers = choosersOf(store);
  const requests = new Map(view?.turns.map((turn) => [turn.key, turn.request]));
  /** A prompt keeps its element when the kernel has it: a log that shrank for a moment would look scrolled by the reader. */
  const elementKey = (message: Message) => {
    const request = message.role === "user" ? requests.get(message.turn) : null;
    return request ? placeholderKey(request) : message.key;
  };
  // In one list: a row that comes to stand before a later message is still the same row, open where the reader opened it.
  const rows = (index: number) => inside.get(index)?.map((row) => <Inside key={`inside:${row.key}`} row={row} />) ?? [];
  const shownNow = shown.value
    .slice(leftOut)
    .flatMap((message, index) => [
      ...rows(leftOut + index),
      <MessageBoundary
        key={elementKey(message)}
        message={message}
        titled={isTitled(shown.value[leftOut + index - 1], message)}
        again={again}
        {...offers(message)}
        figures={message === last?.message ? last.figures : null}
        markdown={markdown}
        choosers={choosers}
      />,
    ]);
  return <>{[...shownNow, ...rows(shown.value.length)]}</>;
}

/** What has the focus must not be left out: it would fall back to the notebook. */
function hasFocusInside(log: HTMLElement | null): boolean {
  return hasFocus(log) && focusedNear(log) !== log;
}

/** Whether a message says which action speaks: the first of each step does. */
function isTitled(before: Message | undefined, message: Message): boolean {
  return before?.turn !== message.turn || before.step !== message.step || before.action !== message.action;
}

/** The view without the turn that is about to be run again, and without those after it. */
function viewBefore(view: View | null, from: string | undefined): View | null {
  const at = view?.turns.findIndex(({ key }) => key === from) ?? -1;
  return view === null || at < 0 ? view : { ...view, turns: view.turns.slice(0, at) };
}

/** The times of the last turn, and the message that bears them. */
function lastFigures(view: View | null, messages: readonly Message[]) {
  const turn = view?.turns.at(-1);
  if (!view || !turn || turn.status === "running") return null;
  const message = messages.findLast((message) => message.turn === turn.key && message.role !== "user");
  return { message, figures: figures(view, turn) };
}

function Empty({
  store,
  outgoing,
  shown,
  onSaid,
}: Pick<ConversationProps, "store" | "outgoing" | "onSaid"> & { shown: Shown }) {
  const session = store.view.value?.session;
  if (shown.value.length > 0 || outgoing.busy.value || session === undefined) return null;
  const canSend = outgoing.takesText.value && outgoing.closed.value === null;
  const suggestions = canSend ? session.suggestions : [];
  const send = (text: string) => {
    outgoing.submit(text);
    onSaid();
  };
  return (
    <div class="bcw-empty">
      <p class="bcw-empty-title">{emptyWords(canSend, suggestions.length > 0)}</p>
      {suggestions.length > 0 && (
        <div class="bcw-suggestions">
          {suggestions.map((text) => (
            <button key={text} type="button" class="bcw-suggestion" dir="auto" onClick={() => send(text)}>
              {text}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function emptyWords(canSend: boolean, suggestions: boolean): string {
  if (!canSend) return "No messages yet.";
  return suggestions ? "Write a message, or begin with one of these." : "Write a message to begin.";
}

function Jump({ follower, log }: { follower: Follower; log: RefObject<HTMLDivElement | null> }) {
  if (follower.following.value) return null;
  const jump = () => {
    follower.jump();
    // The button is about to go: without this the focus would fall back to the notebook.
    log.current?.focus({ preventScroll: true });
  };
  return (
    <button type="button" class="bcw-jump" onClick={jump}>
      Jump to latest
    </button>
  );
}
