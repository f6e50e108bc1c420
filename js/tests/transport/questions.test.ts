import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Inspected } from "../../src/protocol.gen";
import { createStore } from "../../src/store/store";
import { connect } from "../../src/transport/connection";
import { createQuestions } from "../../src/transport/questions";
import { BreakingChannel, snapshot } from "./fakes";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const channel = new BreakingChannel();
  const store = createStore();
  const connection = connect(channel, store, "me");
  channel.fire(snapshot(0));
  channel.takeTypes();
  let names = 0;
  const { inspect, log } = createQuestions(channel, connection, store, () => `i${++names}`);
  return { channel, store, inspect, log };
}

const answer = (request: string, more: Partial<Inspected> = {}): Inspected => ({
  type: "inspected",
  client: "me",
  request,
  rows: [],
  text: "said",
  start: 0,
  more: 0,
  error: null,
  ...more,
});

test("what is asked for is answered by its name, whatever comes first", async () => {
  const { channel, inspect } = setUp();
  const first = inspect(3, "state", [0, 2], 100, "b2");
  const second = inspect(null, "state", [], 0, null);
  expect(channel.sent.filter(({ type }) => type === "inspect")).toEqual([
    {
      type: "inspect",
      client: "me",
      request: "i1",
      step: 3,
      what: "state",
      path: [0, 2],
      start: 100,
      branch: "b2",
      against: null,
    },
    {
      type: "inspect",
      client: "me",
      request: "i2",
      step: null,
      what: "state",
      path: [],
      start: 0,
      branch: null,
      against: null,
    },
  ]);
  channel.fire(answer("i1", { client: "another", text: "not mine" }));
  channel.fire(answer("i2", { text: "second" }));
  channel.fire(answer("i1", { text: "first" }));
  expect([(await first).text, (await second).text]).toEqual(["first", "second"]);
});

test("it is asked again until it is answered, and the kernel is said to be busy meanwhile", async () => {
  const { channel, store, inspect } = setUp();
  const asked = inspect(1, "result", [], 0, null);
  expect(store.connection.value).toBe("live");
  await vi.advanceTimersByTimeAsync(7000);
  expect(store.connection.value).toBe("waiting");
  const names = channel.sent.flatMap((command) => (command.type === "inspect" ? [command.request] : []));
  expect(names.length).toBeGreaterThan(1);
  expect(new Set(names)).toEqual(new Set(["i1"]));
  channel.fire(answer("i1"));
  expect((await asked).text).toBe("said");
  expect(store.connection.value).toBe("live");
  channel.takeTypes();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(channel.takeTypes()).toEqual([]);
});

test("how a turn went is asked for in the same way", async () => {
  const { channel, log } = setUp();
  const asked = log("t1", 40);
  expect(channel.sent.at(-1)).toEqual({ type: "log", client: "me", request: "i1", turn: "t1", start: 40 });
  channel.fire({
    ...{ type: "logged", client: "me", request: "i1", error: null },
    ...{ events: [], first: 40, more: true, frames: [] },
  });
  expect(await asked).toMatchObject({ first: 40, more: true });
});

test("the kernel's refusal is an error in its words", async () => {
  const { channel, store, inspect } = setUp();
  const asked = inspect(1, "result", [], 0, null);
  channel.fire(answer("i1", { error: "There is no such row.", text: null }));
  await expect(asked).rejects.toThrow("There is no such row.");
  expect(store.asked.value).toEqual([]);
});

test("a question that was turned away on the way is an error", async () => {
  const { channel, store, log } = setUp();
  const asked = log("t1", 0);
  const refused = expect(asked).rejects.toThrow("The server answered 500.");
  channel.refuse("i1", "The server answered 500.");
  await refused;
  expect(store.asked.value).toEqual([]);
});

test("a kernel that is lost answers nothing any more", async () => {
  const { channel, inspect } = setUp();
  const asked = inspect(1, "state", [], 0, null);
  const refused = expect(asked).rejects.toThrow("The kernel is gone.");
  channel.lose("gone");
  await refused;
  await expect(inspect(2, "state", [], 0, null)).rejects.toThrow("The kernel is gone.");
});
