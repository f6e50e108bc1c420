import { act, cleanup, fireEvent, render, within } from "@testing-library/preact";
import { afterEach } from "vitest";
import { Chat, type ChatActions } from "../../src/chat/Chat";
import { createPlain } from "../../src/chat/plain";
import type { MarkdownView } from "../../src/markdown/markdown";
import type { WireEvent } from "../../src/store/fold";
import type { Store } from "../../src/store/store";
import { liveStore } from "./script";

afterEach(cleanup);

export type Asked = { send: string | null } | { stop: string } | { retry: string };

/** Stands for widget.ts: does what it does to the store, and keeps what was asked. Requests are named r1, r2, ... */
export function fakeActions(store: Store): ChatActions & { asked: Asked[] } {
  const asked: Asked[] = [];
  let requests = 0;
  const request = (text: string | null) => {
    requests += 1;
    store.setPending({ request: `r${requests}`, text });
    return `r${requests}`;
  };
  return {
    asked,
    send(text) {
      asked.push({ send: text });
      return request(text);
    },
    stop(turn) {
      asked.push({ stop: turn });
      store.setStopping(turn);
    },
    retry(turn) {
      asked.push({ retry: turn });
      return request(null);
    },
  };
}

/** A chat on the page, with Markdown shown as plain text. */
export function setup(
  given: { store?: Store; events?: WireEvent[]; markdown?: (el: HTMLElement) => MarkdownView } = {},
) {
  const store = given.store ?? liveStore();
  if (given.events) store.apply(given.events);
  const actions = fakeActions(store);
  const element = <Chat store={store} actions={actions} markdown={given.markdown ?? createPlain} />;
  const rendered = render(element);
  const page = within(rendered.container as HTMLElement);
  return {
    store,
    actions,
    page,
    element,
    ...rendered,
    tell: (...events: WireEvent[]) => act(() => store.apply(events)),
    message: () => page.getByRole("textbox", { name: "Message" }) as HTMLTextAreaElement,
    articles: () => page.queryAllByRole("article"),
    status: () => page.getByRole("status").textContent,
  };
}

export function type(area: HTMLTextAreaElement, text: string): void {
  area.focus();
  fireEvent.input(area, { target: { value: text } });
}

/** Presses a key on the element. Says whether its default was left to the browser. */
export function press(element: Element, key: string, more: KeyboardEventInit = {}): boolean {
  return fireEvent.keyDown(element, { key, bubbles: true, cancelable: true, composed: true, ...more });
}
