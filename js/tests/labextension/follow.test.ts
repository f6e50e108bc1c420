import { expect, test } from "vitest";
import { type Docked, Followed } from "../../labextension/src/follow";
import type { LiveChat } from "../../src/registry";

interface Fake {
  key: string;
  title?: string;
  application?: string | null;
  kernel?: string;
  gone?: boolean;
  hidden?: boolean;
}

/** What is asked of a chat here; changed in place, as chats are. */
function fake(given: Fake): { chat: LiveChat; is: Fake } {
  const chat = {
    key: given.key,
    kernel: () => given.kernel ?? "kernel",
    title: () => given.title ?? "Chat",
    application: () => (given.application === undefined ? `app of ${given.key}` : given.application),
    status: () => (given.gone ? "disconnected" : "idle"),
    isShown: () => !given.hidden,
  } as Partial<LiveChat> as LiveChat;
  return { chat, is: given };
}

const docked = (chat: string, title = "Chat"): Docked => ({
  ...{ id: "d", path: "a.ipynb", view: "graph", place: "main" },
  ...{ chat, title, application: `app of ${chat}` },
});

test("its own chat, as long as that is there", () => {
  const [a, b] = [fake({ key: "a" }), fake({ key: "b" })];
  expect(new Followed().find(docked("a"), [b.chat, a.chat], "kernel")).toEqual({ chat: a.chat, others: [] });
});

test("after a restart the one of the same title that comes then, and keeps to it", () => {
  const followed = new Followed();
  const [a, other] = [fake({ key: "a" }), fake({ key: "b" })];
  a.is.gone = true;
  other.is.gone = true;
  expect(followed.find(docked("a"), [a.chat, other.chat], "kernel").chat).toBe(a.chat);
  const next = fake({ key: "c", application: null });
  const now = [a.chat, other.chat, fake({ key: "x", title: "Another" }).chat, next.chat];
  // Nobody knows its title yet.
  expect(followed.find(docked("a"), now, "kernel").chat).toBe(a.chat);
  next.is.application = "new";
  expect(followed.find(docked("a"), now, "kernel").chat).toBe(next.chat);
  // Two views of one chat go over together, and one of another chat does not.
  expect(followed.find(docked("a"), now, "kernel").chat).toBe(next.chat);
  expect(followed.find(docked("b"), now, "kernel").chat).toBe(other.chat);
});

test("one that was there before is another chat, whatever it is called", () => {
  const followed = new Followed();
  const [a, b] = [fake({ key: "a", hidden: true }), fake({ key: "b" })];
  expect(followed.find(docked("a"), [a.chat, b.chat], "kernel").chat).toBe(a.chat);
  const again = fake({ key: "c" });
  expect(followed.find(docked("a"), [a.chat, b.chat, again.chat], "kernel").chat).toBe(again.chat);
});

test("after a reload the reader says which one is meant, unless its application does", () => {
  const followed = new Followed();
  const [same, another] = [fake({ key: "b" }), fake({ key: "c", title: "Another" })];
  const elsewhere = fake({ key: "d", kernel: "other" });
  const now = [same.chat, another.chat, elsewhere.chat];
  expect(followed.find(docked("a"), now, "kernel")).toEqual({ chat: null, others: [same.chat] });
  const own = fake({ key: "e", application: "app of a" });
  expect(followed.find(docked("a"), [...now, own.chat], "kernel").chat).toBe(own.chat);
});

test("nothing is found in a notebook without a kernel", () => {
  const one = fake({ key: "b" });
  expect(new Followed().find(docked("a"), [one.chat], null)).toEqual({ chat: null, others: [] });
});
