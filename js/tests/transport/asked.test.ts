import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stepActions } from "../../src/inspector/actions";
import type { View } from "../../src/protocol.gen";
import { createStore } from "../../src/store/store";
import { connect } from "../../src/transport/connection";
import { emptyView, FakeChannel, frame, snapshot, turnStarted } from "./fakes";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const channel = new FakeChannel();
  const store = createStore();
  const connection = connect(channel, store, "me");
  channel.fire(snapshot(0));
  channel.takeTypes();
  let names = 0;
  const never = () => new Promise<never>(() => {});
  const actions = stepActions(connection, store, { inspect: never, log: never }, () => `s${++names}`);
  const open = () => store.asked.value.map(({ request }) => request);
  return { channel, store, actions, open };
}

const at = { time: 1, monotonic: 1, turn: "" };

test("each command is what the kernel knows, and names itself", () => {
  const { channel, actions, open } = setUp();
  actions.resume();
  actions.step();
  actions.stepDelta();
  actions.pause(true);
  actions.setBreakpoint("answer", "after", false);
  actions.rewind(7, []);
  const me = { client: "me" };
  expect(channel.sent.filter(({ type }) => type !== "ack")).toEqual([
    { type: "resume", ...me, request: "s1" },
    { type: "step-action", ...me, request: "s2" },
    { type: "step-delta", ...me, request: "s3" },
    { type: "pause", ...me, request: "s4", off: true },
    { type: "set-breakpoint", ...me, request: "s5", action: "answer", when: "after", off: false },
    { type: "rewind", ...me, request: "s6", step: 7, branch: "b1", edits: [] },
  ]);
  expect(open()).toEqual(["s1", "s2", "s3", "s4", "s5", "s6"]);
});

test.each([
  ["accepted", (view: View): View => ({ ...view, accepted: ["s1"] })],
  ["refused", (view: View): View => ({ ...view, refused: [{ request: "s1", reason: "no", fields: {} }] })],
])("is sent again until it is %s", async (_, change) => {
  const { channel, actions, open } = setUp();
  actions.step();
  channel.takeTypes();
  await vi.advanceTimersByTimeAsync(7000);
  expect(channel.takeTypes().filter((type) => type === "step-action").length).toBeGreaterThan(1);
  // A snapshot answers as well as an event.
  channel.fire(snapshot(1, "me", change(emptyView)));
  expect(open()).toEqual([]);
  channel.takeTypes();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(channel.takeTypes()).toEqual(["ack"]);
});

test("is answered by its event, and by the turn that it begins", async () => {
  const { channel, actions, open } = setUp();
  actions.pause(false);
  actions.step();
  channel.fire(frame(1, [{ type: "accepted", ...at, request: "s1" }]));
  await vi.advanceTimersByTimeAsync(20);
  expect(open()).toEqual(["s2"]);
  channel.fire(frame(2, [turnStarted("s2")]));
  await vi.advanceTimersByTimeAsync(20);
  expect(open()).toEqual([]);
});
