import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { MarkdownView } from "../markdown/markdown";
import { type Store, shownOf } from "../store/store";
import { Composer } from "./Composer";
import { Conversation } from "./Conversation";
import type { Follower } from "./follow";
import { isComposing } from "./keyboard";
import { type ChatActions, outgoingOf } from "./outgoing";
import { connectionOf, connectionWords } from "./words";
import "./chat.css";

export type { ChatActions };

export interface ChatProps {
  store: Store;
  actions: ChatActions;
  /** Makes a view of markdown text in the element. */
  markdown: (element: HTMLElement) => MarkdownView;
  /** What stands above the composer. */
  children?: ComponentChildren;
}

/** The conversation and the composer, inside the `.bcw` root that widget.ts makes. */
export function Chat({ store, actions, markdown, children }: ChatProps) {
  const outgoing = outgoingOf(store, actions);
  const shown = useMemo(() => shownOf(store), [store]);
  const follower = useRef<Follower | null>(null);
  const area = useRef<HTMLTextAreaElement | null>(null);
  const root = useRef<HTMLElement>(null);
  const session = useComputed(() => store.view.value?.session).value;

  // Only ever called where the reader has just done something in this very chat.
  const { focus, onSaid } = useMemo(() => {
    const focus = () => {
      const target = area.current ?? root.current?.querySelector<HTMLElement>(".bcw-primary");
      target?.focus({ preventScroll: true });
    };
    const onSaid = () => {
      focus();
      follower.current?.jump();
    };
    return { focus, onSaid };
  }, []);

  // What was there after a step has its end to show, and what is there now too.
  const past = store.past.value;
  const seen = useRef(past);
  useLayoutEffect(() => {
    if (seen.current !== past) follower.current?.jump();
    seen.current = past;
  }, [past]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented || isComposing(event) || !outgoing.busy.peek()) return;
    // It leads back to now from there, and stops nothing that is not seen.
    if (store.past.peek() !== null) return;
    event.preventDefault();
    outgoing.stop();
    focus();
  };

  return (
    <section ref={root} class="bcw-chat" aria-label={session?.title ?? "Chat"} onKeyDown={onKeyDown}>
      <header class="bcw-header">
        <span class="bcw-title" dir="auto">
          {session?.title ?? "Chat"}
        </span>
        {session?.model != null && (
          <span class="bcw-model" dir="auto" title={session.model}>
            {session.model}
          </span>
        )}
        <span class="bcw-connection" data-connection={connectionOf(store)}>
          {connectionWords(store)}
        </span>
      </header>
      <Conversation store={shown} outgoing={outgoing} markdown={markdown} follower={follower} onSaid={onSaid} />
      {children}
      {store.peer.closed === null ? (
        <Composer store={store} outgoing={outgoing} area={area} focus={focus} onSaid={onSaid} />
      ) : (
        <p class="bcw-closed">{store.peer.closed}</p>
      )}
    </section>
  );
}
