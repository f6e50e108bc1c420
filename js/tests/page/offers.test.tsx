// What a server does not let a page do is not offered there: not on a page of its own, nor in a notebook that is connected to it.
import { act, within } from "@testing-library/preact";
import { afterEach, expect, test } from "vitest";
import { controlOf } from "../../src/inspector/control";
import { SERVER } from "../../src/page/address";
import { quizOf } from "../../src/quiz/quiz";
import { createStore, type Offer } from "../../src/store/store";
import { KERNEL } from "../../src/transport/peer";
import { mountView } from "../../src/views";
import { exchange, makeView, say } from "../chat/script";
import { press } from "../chat/setup";
import { fakeStepping } from "../inspector/script";
import { setup as inspector } from "../inspector/setup";

let leaving = new AbortController();
afterEach(() => act(() => leaving.abort()));

const ALL: readonly Offer[] = ["state", "stepping", "history"];

function setUp(exposed: readonly Offer[], peer = SERVER) {
  leaving = new AbortController();
  const store = createStore(peer);
  const { session } = makeView();
  const withheld = ALL.filter((each) => !exposed.includes(each));
  store.reset(makeView({ session: { ...session, withheld } }));
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

test.each([SERVER, KERNEL])(
  "without its history nothing is edited, and only what failed or was stopped last is tried again",
  (peer) => {
    const page = setUp([], peer);
    expect([count(page, "Edit"), count(page, "Retry")]).toEqual([0, 0]);
    const failed = [say.turn("t3", "three"), say.step("t3", 3, "generate_poem"), say.failed("t3")];
    act(() => page.store.apply(failed));
    expect([count(page, "Edit"), count(page, "Retry")]).toEqual([0, 1]);
  },
);

test("with it they are", () => {
  const page = setUp(["history"]);
  expect([count(page, "Edit"), count(page, "Retry")]).toEqual([2, 2]);
});

test.each<[Offer, number]>([
  ["stepping", 1],
  ["state", 0],
])("with %s the debugger's keys ask for %i", (exposed, asked) => {
  const page = setUp([exposed]);
  const root = page.graph.firstElementChild;
  press(root as Element, "F8");
  expect(page.actions.did).toHaveLength(asked);
});

test.each<[Offer[], string[]]>([
  [
    ["state", "stepping", "history"],
    ["Rewind", "Fork", "Add a key", "Step", "Pause"],
  ],
  [
    ["state", "stepping"],
    ["Step", "Pause"],
  ],
  [
    ["state", "history"],
    ["Rewind", "Fork", "Add a key"],
  ],
  [["history"], ["Rewind", "Fork"]],
  [[], []],
])("of the inspector there is with %j what it can do: %j", (exposed, names) => {
  const { session } = makeView();
  const store = createStore(KERNEL);
  store.reset(makeView({ session: { ...session, withheld: ALL.filter((each) => !exposed.includes(each)) } }));
  store.connection.value = "live";
  const page = inspector({ store, events: exchange("t1", 1, "one", "1") });
  const all = ["Rewind", "Fork", "Add a key", "Step", "Pause"];
  expect(all.filter((name) => page.page.queryByRole("button", { name }) !== null)).toEqual(names);
  const shows =
    page.page.getByRole("tabpanel").textContent !== "The server does not show its clients values of the state.";
  expect(shows).toBe(exposed.includes("state"));
  expect(page.actions.did).toEqual([]);
});

test("a quiz, which holds turns, says why it does not begin", () => {
  const { session } = makeView();
  const store = createStore(KERNEL);
  store.reset(makeView({ session: { ...session, withheld: ["stepping"] } }));
  const quiz = quizOf(store, controlOf(store, fakeStepping(store)));
  quiz.start();
  expect([quiz.on.value, quiz.closed]).toEqual([false, "The server does not let its clients hold turns."]);
});
