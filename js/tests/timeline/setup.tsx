import { act, cleanup, fireEvent, render, within } from "@testing-library/preact";
import { afterEach } from "vitest";
import { choosersOf } from "../../src/chat/choosing";
import { controlOf } from "../../src/inspector";
import type { FramePainted, Logged } from "../../src/protocol.gen";
import type { WireEvent } from "../../src/store/fold";
import type { Store } from "../../src/store/store";
import { Timeline } from "../../src/timeline/Timeline";
import type { Arrival } from "../../src/transport/connection";
import { liveStore } from "../chat/script";
import { fakeStepping } from "../inspector/script";

afterEach(cleanup);

interface Given {
  events?: WireEvent[];
  store?: Store;
  log?: (turn: string, start: number) => Promise<Logged>;
  arrivals?: Map<number, Arrival>;
}

const never = () => new Promise<never>(() => {});

/** A timeline on the page. */
export function setup({ events = [], store = liveStore(), log = never, arrivals = new Map() }: Given = {}) {
  store.apply(events);
  const actions = fakeStepping(store, never, log);
  const props = { store, actions, arrivals, control: controlOf(store, actions), choosers: choosersOf(store) };
  const { container } = render(<Timeline {...props} />);
  const page = within(container as HTMLElement);
  const plot = () => page.getByRole("application", { name: "Deltas in time" });
  return {
    ...{ store, actions, page, plot },
    tell: (...told: WireEvent[]) => act(() => store.apply(told)),
    change: (change: () => void) => act(change),
    /** Presses keys on the plot. */
    press: (...keys: string[]) => {
      for (const key of keys) act(() => void fireEvent.keyDown(plot(), { key, bubbles: true, cancelable: true }));
    },
    delta: () => page.getByRole("region", { name: "Delta" }).textContent,
    figures: () => page.getByRole("region", { name: "Figures" }),
    told: () => actions.did.filter((each) => each[0] === "painted") as unknown as [string, ...FramePainted[]][],
    /** What was asked of the kernel is answered. */
    settle: async () => {
      for (let n = 0; n < 3; n++) await act(async () => {});
    },
  };
}
