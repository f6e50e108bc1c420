import { afterEach, expect, test } from "vitest";
import { currentOf } from "../../labextension/src/current";
import { type LiveChat, registry } from "../../src/registry";
import { eventually } from "../eventually";
import { fakeNotebook, fakeTracker } from "./notebooks";

const KEY = Symbol.for("burr-chat-widget");

afterEach(() => {
  delete (globalThis as { [KEY]?: unknown })[KEY];
});

function fake(key: string): LiveChat {
  const chat = {
    key,
    kernel: () => "kernel",
    title: () => key,
    status: () => "idle",
    isShown: () => true,
    subscribe: () => () => {},
  } as Partial<LiveChat> as LiveChat;
  registry().add(chat);
  return chat;
}

test("the chat that had the focus last is the current one, also when its widget was made anew", async () => {
  const current = currentOf(fakeTracker(fakeNotebook("kernel").panel));
  const [a, b] = [fake("a"), fake("b")];
  await eventually(() => expect(current.chat).toBe(b));
  registry().setFocused(a);
  await eventually(() => expect(current.chat).toBe(a));
  registry().remove(a);
  await eventually(() => expect(current.chat).toBe(b));
  const again = fake("a");
  fake("c");
  await eventually(() => expect(current.chat).toBe(again));
});
