// A way that breaks and is mended, as that to a server.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createStore } from "../../src/store/store";
import { connect } from "../../src/transport/connection";
import { BreakingChannel, frame, snapshot, stepStarted, text, turnCompleted, turnStarted } from "./fakes";

function setUp() {
  const channel = new BreakingChannel();
  const store = createStore();
  const connection = connect(channel, store, "me");
  channel.tell(true);
  channel.fire(snapshot(40));
  channel.takeTypes();
  return { channel, store, connection, shown: () => store.messages.value.map((message) => message.text) };
}

const paint = () => vi.advanceTimersByTimeAsync(20);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the page says at once that it waits, keeps what it shows, and is live with the next snapshot", async () => {
  const { channel, store, shown } = setUp();
  channel.fire(frame(41, [turnStarted(), stepStarted, text("Once upon")]));
  await paint();
  channel.tell(false);
  expect(store.connection.value).toBe("waiting");
  expect(shown()).toEqual(["hi", "Once upon"]);
  channel.tell(true);
  expect(store.connection.value).toBe("waiting");
  channel.fire(snapshot(50, "me", store.known.peek() ?? undefined));
  expect(store.connection.value).toBe("live");
  channel.fire(frame(51, [text(" a time"), turnCompleted]));
  await paint();
  expect(shown()).toEqual(["hi", "Once upon a time"]);
});

test("frames from before the break count for nothing after it, whatever their numbers", async () => {
  const { channel, shown, connection } = setUp();
  channel.fire(frame(41, [turnStarted(), stepStarted]));
  await paint();
  channel.fire(frame(42, [text("never painted")]));
  channel.tell(false);
  channel.fire(frame(43, [text("late")]));
  channel.tell(true);
  await paint();
  // Another process counts from 0 on.
  channel.fire(snapshot(0));
  channel.fire(frame(1, [turnStarted(), stepStarted, text("anew")]));
  await paint();
  expect(shown()).toEqual(["hi", "anew"]);
  expect([...connection.arrivals.keys()]).toEqual([1]);
});

test("while it is broken nothing is asked for, and hello is only said where no snapshot comes by itself", async () => {
  const { channel, store } = setUp();
  await vi.advanceTimersByTimeAsync(100);
  channel.takeTypes();
  channel.tell(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(channel.takeTypes()).toEqual([]);
  channel.tell(true);
  await vi.advanceTimersByTimeAsync(1000);
  expect(channel.takeTypes()).toEqual([]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(channel.takeTypes()).toEqual(["hello"]);
  channel.fire(snapshot(0));
  expect(store.connection.value).toBe("live");
});

test("a command that was turned away on the way is refused, and not asked for again", async () => {
  const { channel, store, connection } = setUp();
  store.setPending({ request: "r1", text: "hi" });
  connection.send({ type: "send", client: "me", request: "r1", text: "hi", inputs: {} });
  await vi.advanceTimersByTimeAsync(1500);
  expect(store.connection.value).toBe("waiting");
  channel.refuse("r1", "It is too long.");
  expect(store.pending.value).toBeNull();
  expect(store.view.value?.refused.map(({ reason }) => reason)).toEqual(["It is too long."]);
  expect(store.connection.value).toBe("live");
  channel.takeTypes();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(channel.takeTypes()).toEqual([]);
});
