import { useComputed } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { MarkdownView } from "../markdown/markdown";
import type { Message } from "../protocol.gen";
import type { Store } from "../store/store";
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
          <Messages store={store} outgoing={outgoing} shown={shown} markdown={markdown} onSaid={onSaid} />
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
  onSaid,
}: Omit<ConversationProps, "follower"> & { shown: Shown }) {
  const last = useComputed(() => lastAnswer(store, outgoing, shown.value));
  const retry = useMemo(
    () => (turn: string) => {
      outgoing.retry(turn);
      onSaid();
    },
    [outgoing, onSaid],
  );
  const at = last.value;
  const told = typed(store, outgoing)?.step ?? null;
  const inside = placeInside(store.view.value, shown.value, told, store.connection.value === "lost");
  const leftOut = useLeftOut(shown.value.length);
  const requests = new Map(store.view.value?.turns.map((turn) => [turn.key, turn.request]));
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
        onRetry={message.key === at.retry ? retry : null}
        figures={message.key === at.key ? at.figures : null}
        markdown={markdown}
      />,
    ]);
  return <>{[...shownNow, ...rows(shown.value.length)]}</>;
}

/** Whether a message says which action speaks: the first of each step does. */
function isTitled(before: Message | undefined, message: Message): boolean {
  return before?.turn !== message.turn || before.step !== message.step || before.action !== message.action;
}

/** Which message bears the turn's times, and which one the Retry button. */
function lastAnswer(store: Store, outgoing: Outgoing, messages: readonly Message[]) {
  const view = store.view.value;
  const turn = view?.turns.at(-1);
  const key = messages.findLast((message) => message.turn === turn?.key && message.role !== "user")?.key ?? null;
  if (!view || !turn || turn.status === "running") return { key, retry: null, figures: null };
  const can = !outgoing.busy.value && store.connection.value === "live";
  return { key, retry: can ? key : null, figures: figures(view, turn) };
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
