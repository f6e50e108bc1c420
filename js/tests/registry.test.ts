import { afterEach, expect, test, vi } from "vitest";
import { type LiveChat, type Registry, registry } from "../src/registry";

const KEY = Symbol.for("burr-chat-widget");
const page = globalThis as { [KEY]?: Partial<Omit<Registry, "version">> & { version?: number } };

afterEach(() => {
  delete page[KEY];
});

const chat = (key: string) => ({ key }) as LiveChat;

test("whoever asks first makes it, and all others find it", () => {
  const first = registry();
  expect(page[KEY]).toBe(first);
  expect(registry()).toBe(first);
  expect([first.chats, first.focused, first.offers, first.settings]).toEqual([[], null, null, undefined]);
});

test("that of another version is left alone, and not used", () => {
  const other = { version: 2 };
  page[KEY] = other;
  const own = registry();
  own.add(chat("a"));
  expect(page[KEY]).toBe(other);
  expect(own.version).toBe(1);
});

test("chats come and go, and listeners hear of it", () => {
  const known = registry();
  const told: string[] = [];
  const end = known.subscribe(() => told.push(known.chats.map(({ key }) => key).join()));
  const [a, b] = [chat("a"), chat("b")];
  known.add(a);
  known.add(b);
  known.setFocused(a);
  expect(known.focused).toBe(a);
  known.remove(a);
  expect(known.focused).toBe(null);
  expect(told).toEqual(["a", "a,b", "a,b", "b"]);
  end();
  known.remove(b);
  expect(told).toHaveLength(4);
});

test("what the focus is in already is no news", () => {
  const known = registry();
  const [a, listener] = [chat("a"), vi.fn()];
  known.add(a);
  known.setFocused(a);
  known.subscribe(listener);
  known.setFocused(a);
  expect(listener).not.toHaveBeenCalled();
});

test("a listener that fails keeps the others from nothing", () => {
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  const known = registry();
  const heard = vi.fn();
  known.subscribe(() => {
    throw new Error("of another version");
  });
  known.subscribe(heard);
  known.setSettings({ frames: 10 });
  expect(heard).toHaveBeenCalledOnce();
  expect(error).toHaveBeenCalledOnce();
  error.mockRestore();
});
