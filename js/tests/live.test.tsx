import { act } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { showViews } from "../src/cell";
import { joinPage } from "../src/live";
import { type ChatCommand, type LiveChat, registry } from "../src/registry";
import type { Store } from "../src/store/store";
import { mountView } from "../src/views";
import { liveStore, makeView, say } from "./chat/script";
import { fakeStepping, tell } from "./inspector/script";

const KEY = Symbol.for("burr-chat-widget");
const COMMANDS: ChatCommand[] = ["send", "stop", "step", "continue", "pause", "next-breakpoint", "focus"];

beforeEach(() => {
  document.body.replaceChildren();
});

afterEach(() => {
  delete (globalThis as { [KEY]?: unknown })[KEY];
});

function join(store: Store = liveStore()) {
  const actions = fakeStepping(store);
  const load = () => new Promise<Record<string, unknown>>(() => {});
  const leaving = new AbortController();
  const own = { store, actions, session: "page", arrivals: new Map(), load };
  const context = joinPage(own, { key: "model", kernel: () => "kernel" }, leaving.signal);
  const chat = registry().chats.at(-1) as LiveChat;
  const cell = () => {
    const el = document.createElement("div");
    document.body.append(el);
    const gone = new AbortController();
    act(() => mountView("chat", el, gone.signal, context));
    return { el, leave: () => act(() => gone.abort()) };
  };
  return { store, actions, leaving, context, chat, cell, can: () => COMMANDS.filter((each) => chat.can(each)) };
}

test("a chat is found on the page until its widget is gone", () => {
  const { chat, leaving } = join();
  expect(registry().chats).toEqual([chat]);
  expect([chat.key, chat.kernel(), chat.title(), chat.application()]).toEqual([
    "model",
    "kernel",
    "Streaming chatbot",
    "app",
  ]);
  expect([chat.status(), chat.action()]).toEqual(["idle", null]);
  leaving.abort();
  expect(registry().chats).toEqual([]);
});

test("where a cell is gone before its view is mounted, no cell shows the chat, and nothing is left of the view", () => {
  const { chat, cell, context } = join();
  const gone = AbortSignal.abort();
  const el = document.createElement("div");
  cell().leave();
  act(() => {
    mountView("graph", el, gone, context);
    showViews(el, gone, context);
  });
  expect([chat.isShown(), el.childElementCount]).toEqual([false, 0]);
});

test("it tells of what changes, and of nothing else", () => {
  const { store, chat } = join();
  const told = vi.fn();
  const end = chat.subscribe(told);
  expect(told).not.toHaveBeenCalled();
  store.apply([say.turn("t1", "hello"), say.step("t1", 0, "generate_poem")]);
  expect([chat.status(), chat.action(), told.mock.calls.length]).toEqual(["running", "generate_poem", 1]);
  store.apply([say.text(0, "Rivers")]);
  told.mockClear();
  act(() => {
    store.chosen.value = 3;
  });
  expect(told).not.toHaveBeenCalled();
  act(() => {
    store.connection.value = "lost";
  });
  expect(chat.status()).toBe("disconnected");
  expect(told).toHaveBeenCalledOnce();
  end();
  act(() => {
    store.connection.value = "live";
  });
  expect(told).toHaveBeenCalledOnce();
});

test("it can be told what makes sense now", () => {
  const { actions, chat, cell, can, store } = join();
  const { el } = cell();
  expect(can()).toEqual(["pause", "focus"]);
  chat.do("send");
  expect(actions.did).toEqual([]);
  const area = el.querySelector("textarea") as HTMLTextAreaElement;
  act(() => {
    area.value = "Write a poem";
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  });
  expect(can()).toEqual(["send", "pause", "focus"]);
  act(() => chat.do("send"));
  expect(area.value).toBe("");
  expect(store.pending.value?.text).toBe("Write a poem");
  expect(can()).toContain("stop");
  act(() => chat.do("pause"));
  expect(actions.did).toContainEqual(["pause", false]);
});

test("where the next action takes no text, Send runs it and leaves what is written, whatever comes next", () => {
  const { actions, chat, cell, store } = join();
  const { el } = cell();
  const area = () => el.querySelector("textarea") as HTMLTextAreaElement;
  act(() => {
    area().value = "not yet";
    area().dispatchEvent(new InputEvent("input", { bubbles: true }));
  });
  act(() => store.apply([say.composer({ input: null })]));
  const { send } = actions;
  actions.send = (text, inputs) => {
    const request = send(text, inputs);
    store.apply([say.composer({})]);
    return request;
  };
  act(() => chat.do("send"));
  expect(actions.asked).toEqual([{ send: null }]);
  expect(area().value).toBe("not yet");
});

test("it tells what it was asked last, as much as tells of it", () => {
  const { chat, store } = join();
  expect(chat.asked?.()).toBeNull();
  store.apply([say.turn("t1", "hello")]);
  expect(chat.asked?.()).toBe("hello");
  store.apply([say.step("t1", 1, "answer_question"), say.text(1, "hi"), say.turn("t2", "tell me more ".repeat(100))]);
  expect(chat.asked?.()).toBe("tell me more ".repeat(100).slice(0, 200));
});

test("it tells how its last turn ended, where that was not as it should, until something runs or is asked again", () => {
  const { chat, store } = join();
  expect(chat.outcome?.()).toBeNull();
  store.apply([say.turn("t1", "hello"), say.failed("t1", { message: "Out of tokens" })]);
  expect(chat.outcome?.()).toEqual({ status: "failed", words: "Failed: Out of tokens" });
  store.apply([say.turn("t2", "again")]);
  expect(chat.outcome?.()).toBeNull();
  store.apply([say.stopped("t2")]);
  expect(chat.outcome?.()).toEqual({ status: "stopped", words: "Stopped" });
  store.setPending({ request: "r3", text: "once more" });
  expect(chat.outcome?.()).toBeNull();
  store.apply([say.turn("t3", "once more", { request: "r3" }), say.completed("t3")]);
  expect(chat.outcome?.()).toBeNull();
});

test("the next breakpoint is one that there is", () => {
  const point = { action: "decide_mode", when: "before" as const, condition: null };
  const goesOn = { ...makeView().composer, goes_on: true };
  expect(join(liveStore(makeView({ composer: goesOn }))).can()).not.toContain("next-breakpoint");
  const { actions, chat, can } = join(liveStore(makeView({ composer: goesOn, breakpoints: [point] })));
  expect(can()).toContain("next-breakpoint");
  chat.do("next-breakpoint");
  expect(actions.did).toEqual(["resume"]);
});

test("it tells of a pause that was asked for, and where it is held then", () => {
  const { chat } = join(liveStore(makeView({ pausing: true })));
  expect([chat.isPausing?.(), chat.held?.()]).toEqual([true, null]);
  const { chat: other, store } = join();
  store.apply([say.turn("t1", "hello"), tell.paused("t1", { reason: "pause", next_action: "prompt" })]);
  expect([other.isPausing?.(), other.held?.()]).toEqual([false, "Held before prompt"]);
});

test("it tells that its server is not heard", () => {
  const { composer } = makeView();
  expect(join(liveStore(makeView({ composer: { ...composer, away: true } }))).chat.isAway?.()).toBe(true);
  expect(join().chat.isAway?.()).toBe(false);
});

test("one that is not in a cell any more is not shown; one that has not been yet is", () => {
  const { chat, cell } = join();
  expect(chat.isShown()).toBe(true);
  const [first, second] = [cell(), cell()];
  first.leave();
  expect(chat.isShown()).toBe(true);
  const beside = document.createElement("div");
  chat.mount("chat", beside, new AbortController().signal);
  second.leave();
  expect(chat.isShown()).toBe(false);
});

test("a view can be opened beside the notebook where that is offered, from its cell", () => {
  const { chat, cell } = join();
  const { el } = cell();
  const button = () => el.querySelector<HTMLElement>("[aria-label='Open beside the notebook']");
  expect(button()).toBe(null);
  const openBeside = vi.fn();
  act(() => registry().setOffers({ openBeside }));
  button()?.click();
  expect(openBeside).toHaveBeenCalledWith(chat, "chat");
  const beside = document.createElement("div");
  act(() => chat.mount("chat", beside, new AbortController().signal));
  expect(beside.querySelector(".bcw-chat")).not.toBe(null);
  expect(beside.querySelector("[aria-label='Open beside the notebook']")).toBe(null);
  act(() => registry().setOffers(null));
  expect(button()).toBe(null);
});

test("the focus goes to where one writes, and who has it is known", () => {
  const first = join();
  const second = join();
  const [one, two] = [first.cell(), second.cell()];
  expect(registry().focused).toBe(null);
  second.chat.do("focus");
  expect(document.activeElement).toBe(two.el.querySelector("textarea"));
  expect(registry().focused).toBe(second.chat);
  one.el.querySelector("textarea")?.focus();
  expect(registry().focused).toBe(first.chat);
});

test("what the reader prefers reaches chats that are there and those that come", () => {
  const { store } = join();
  registry().setSettings({ frames: 10 });
  expect(store.settings.value.frames).toBe(10);
  expect(join().store.settings.value.frames).toBe(10);
});
