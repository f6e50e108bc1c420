import { act, cleanup, render, within } from "@testing-library/preact";
import { afterEach } from "vitest";
import { guardKeyboard } from "../../src/chat/keyboard";
import { outgoingOf } from "../../src/chat/outgoing";
import { controlOf } from "../../src/inspector";
import { Inspector } from "../../src/inspector/Inspector";
import { listenForKeys } from "../../src/inspector/keys";
import type { WireEvent } from "../../src/store/fold";
import type { Store } from "../../src/store/store";
import type { InspectStep } from "../../src/transport/questions";
import { liveStore } from "../chat/script";
import { fakeStepping } from "./script";

afterEach(cleanup);

interface Given {
  events?: WireEvent[];
  store?: Store;
  inspect?: InspectStep;
}

/** An inspector on the page, with its keys. */
export function setup({ events = [], store = liveStore(), inspect }: Given = {}) {
  store.apply(events);
  const actions = fakeStepping(store, inspect);
  const control = controlOf(store, actions);
  const loadColours = () => Promise.resolve(() => []);
  const rendered = render(
    <Inspector
      store={store}
      control={control}
      outgoing={outgoingOf(store, actions)}
      inspect={actions.inspect}
      loadColours={loadColours}
    />,
  );
  const host = rendered.container as HTMLElement;
  const page = within(host);
  const signal = new AbortController().signal;
  guardKeyboard(host, signal);
  listenForKeys(host, control, signal);
  return {
    store,
    actions,
    control,
    page,
    host,
    change: (change: () => void) => act(change),
    tell: (...told: WireEvent[]) => act(() => store.apply(told)),
    button: (name: string) => page.getByRole("button", { name }),
    /** What was fetched is shown, and what is unfolded by that is fetched. */
    settle: async () => {
      for (let n = 0; n < 3; n++) await act(async () => {});
    },
  };
}
