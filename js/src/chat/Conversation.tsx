import { computed, type ReadonlySignal, useComputed } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { MarkdownView } from "../markdown/markdown";
import type { Message } from "../protocol.gen";
import type { Store } from "../store/store";
import { type Follower, follow } from "./follow";
import { useLeftOut } from "./gradual";
import { MessageBoundary } from "./MessageBoundary";
import type { Outgoing } from "./outgoing";
import { activity, figures, runningTurn } from "./words";

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

type Shown = ReadonlySignal<readonly Message[]>;

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
  const leftOut = useLeftOut(shown.value.length);
  return (
    <>
      {shown.value.slice(leftOut).map((message) => (
        <MessageBoundary
          key={message.key}
          message={message}
          onRetry={message.key === at.retry ? retry : null}
          figures={message.key === at.key ? at.figures : null}
          markdown={markdown}
        />
      ))}
    </>
  );
}

/** Which message bears the turn's times, and which one the Retry button. */
function lastAnswer(store: Store, outgoing: Outgoing, messages: readonly Message[]) {
  const view = store.view.value;
  const turn = view?.turns.at(-1);
  const key = messages.findLast((message) => message.turn === turn?.key && message.role !== "user")?.key ?? null;
  const ended = view !== null && turn !== undefined && turn.status !== "running" ? turn : undefined;
  const can = ended !== undefined && !outgoing.busy.value && outgoing.closed.value === null;
  return {
    key,
    retry: can && store.connection.value === "live" ? key : null,
    figures: ended === undefined ? null : figures(view as NonNullable<typeof view>, ended),
  };
}

/**
 * The messages as the reader sees them. From the moment somebody stops a turn, what it still says is not shown; what the
 * kernel held when the turn had ended is.
 */
function shownMessages(store: Store): Shown {
  let frozen: { turn: string; messages: readonly Message[] } | null = null;
  return computed(() => {
    const turn = store.stopping.value;
    const messages = store.messages.value;
    if (turn === null) {
      frozen = null;
      const pending = store.pending.value;
      return pending === null || pending.text === null
        ? messages
        : [...messages, placeholder(pending.request, "user", pending.text)];
    }
    if (frozen?.turn !== turn) frozen = { turn, messages: freeze(messages, turn) };
    return frozen.messages;
  });
}

function freeze(messages: readonly Message[], turn: string): readonly Message[] {
  const streams = (message: Message) => message.turn === turn && message.status === "streaming";
  return messages.some(streams)
    ? messages.map((message) => (streams(message) ? { ...message, status: "stopped" } : message))
    : [...messages, { ...placeholder(turn, "assistant", ""), status: "stopped" }];
}

/** Stands for a message that the kernel has not told of yet. */
function placeholder(name: string, role: string, text: string): Message {
  return {
    key: `placeholder:${name}`,
    turn: name,
    role,
    text,
    kind: "text",
    status: "done",
    action: null,
    step: null,
    revision: 0,
    error: null,
    notices: [],
  };
}

/** While nothing is said yet: which action runs. Steps that do not stream are seen here and nowhere else. */
function Typing({ store, outgoing }: Pick<ConversationProps, "store" | "outgoing">) {
  const view = store.view.value;
  const turn = runningTurn(view);
  if (store.stopping.value !== null || store.connection.value === "lost") return null;
  if (view === null || turn === undefined) {
    return outgoing.busy.value ? <TypingRow done={[]} running={null} /> : null;
  }
  const { done, running, streaming } = activity(view, turn);
  return streaming ? null : <TypingRow done={done} running={running} />;
}

function TypingRow({ done, running }: { done: readonly string[]; running: string | null }) {
  return (
    <div class="bcw-typing">
      <span class="bcw-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {done.map((action, index) => (
        <span key={`${index}:${action}`} class="bcw-typing-done">
          {action}
        </span>
      ))}
      {running !== null && <span class="bcw-typing-running">{running} …</span>}
    </div>
  );
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
