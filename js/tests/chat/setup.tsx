import { act, cleanup, fireEvent, render, within } from "@testing-library/preact";
import { afterEach } from "vitest";
import { Chat } from "../../src/chat/Chat";
import { createPlain } from "../../src/chat/plain";
import type { MarkdownView } from "../../src/markdown/markdown";
import type { WireEvent } from "../../src/store/fold";
import type { Store } from "../../src/store/store";
import { fakeActions } from "./actions";
import { liveStore } from "./script";

afterEach(cleanup);

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
