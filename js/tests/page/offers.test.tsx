// What a server does not let a page do is not offered there.
import { act, within } from "@testing-library/preact";
import { afterEach, expect, test } from "vitest";
import { serverOf } from "../../src/page/address";
import { createStore } from "../../src/store/store";
import { mountView } from "../../src/views";
import { exchange, makeView, say } from "../chat/script";
import { press } from "../chat/setup";
import { fakeStepping } from "../inspector/script";

let leaving = new AbortController();
afterEach(() => act(() => leaving.abort()));

function setUp(exposed: string[]) {
  leaving = new AbortController();
  const store = createStore(serverOf({ exposed }));
  store.reset(makeView());
  store.connection.value = "live";
  store.apply([...exchange("t1", 1, "one", "1"), ...exchange("t2", 2, "two", "2")]);
  const actions = fakeStepping(store);
  const mount = (view: "chat" | "graph") => {
    const el = document.createElement("div");
    document.body.append(el);
    act(() => {
      const load = () => new Promise<Record<string, unknown>>(() => {});
      mountView(view, el, leaving.signal, { store, actions, session: "page", arrivals: new Map(), load });
    });
    return el;
  };
  return { store, actions, chat: within(mount("chat")), graph: mount("graph") };
}

const count = (page: ReturnType<typeof setUp>, name: string) => page.chat.queryAllByRole("button", { name }).length;

test("without its history nothing is edited, and only what failed or was stopped last is tried again", () => {
  const page = setUp([]);
  expect([count(page, "Edit"), count(page, "Retry")]).toEqual([0, 0]);
  const failed = [say.turn("t3", "three"), say.step("t3", 3, "generate_poem"), say.failed("t3")];
  act(() => page.store.apply(failed));
  expect([count(page, "Edit"), count(page, "Retry")]).toEqual([0, 1]);
});

test("with it they are", () => {
  const page = setUp(["history"]);
  expect([count(page, "Edit"), count(page, "Retry")]).toEqual([2, 2]);
});

test.each([
  ["stepping", 1],
  ["state", 0],
])("with %s the debugger's keys ask for %i", (exposed, asked) => {
  const page = setUp([exposed]);
  const root = page.graph.firstElementChild;
  press(root as Element, "F8");
  expect(page.actions.did).toHaveLength(asked);
});
