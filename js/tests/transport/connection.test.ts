import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DEFAULTS } from "../../src/settings";
import { createStore } from "../../src/store/store";
import { ACK_FRAMES, ACK_MS, ACK_TEXT, ARRIVALS, connect } from "../../src/transport/connection";
import { emptyView, FakeChannel, frame, snapshot, stepStarted, text, turnCompleted, turnStarted } from "./fakes";

function setUp() {
  const channel = new FakeChannel();
  const store = createStore();
  const connection = connect(channel, store, "me");
  return { channel, store, connection, shown: () => store.messages.value.map((m) => m.text) };
}

/** Let an animation frame pass. */
const paint = () => vi.advanceTimersByTimeAsync(20);

let hidden = false;

beforeEach(() => {
  vi.useFakeTimers();
  hidden = false;
  vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("what the reader prefers", () => {
  const preferred = (channel: FakeChannel) => channel.sent.filter(({ type }) => type === "prefer");

  test("is not said where there are no settings", () => {
    const { channel } = setUp();
    expect(preferred(channel)).toEqual([]);
  });

  test("is said where it is as by default: an earlier page may have said something else", () => {
    const { channel, store } = setUp();
    store.settings.value = { ...DEFAULTS, sendKey: "Ctrl+Enter" };
    expect(preferred(channel)).toEqual([{ type: "prefer", client: "me", frames: null, save: null }]);
  });

  test("is said when it changes, with each hello, and when it is as by default again", async () => {
    const { channel, store } = setUp();
    const wanted = { type: "prefer", client: "me", frames: 10, save: "nothing" };
    store.settings.value = { ...DEFAULTS, frames: 10, save: "nothing" };
    expect(preferred(channel)).toEqual([wanted]);
    store.settings.value = { ...store.settings.value, animations: false };
    expect(preferred(channel)).toEqual([wanted]);
    await vi.advanceTimersByTimeAsync(2100);
    expect(channel.sent.map(({ type }) => type)).toEqual(["hello", "prefer", "hello", "prefer"]);
    store.settings.value = DEFAULTS;
    expect(preferred(channel).at(-1)).toEqual({ ...wanted, frames: null, save: null });
  });

  test("is not said any more when the page has gone", () => {
    const { channel, connection, store } = setUp();
    connection.close();
    store.settings.value = { ...DEFAULTS, frames: 10 };
    expect(preferred(channel)).toEqual([]);
  });
});

describe("a page that is new", () => {
  test("says hello, and is live with the snapshot, which it acknowledges", async () => {
    const { channel, store } = setUp();
    expect(channel.sent).toEqual([{ type: "hello", client: "me" }]);
    expect(store.connection.value).toBe("connecting");
    channel.fire(snapshot(7));
    await paint();
    expect(store.connection.value).toBe("live");
    expect(channel.sent[1]).toEqual({ type: "ack", client: "me", seq: 7 });
  });

  test("takes no notice of another page's snapshot, nor of frames before its own", () => {
    const { channel, store } = setUp();
    channel.fire(snapshot(3, "another"));
    channel.fire(frame(4, [turnStarted()]));
    expect(store.view.value).toBeNull();
    expect(channel.sent).toHaveLength(1);
  });

  test("says that it waits when the snapshot is late, and says hello again, ever less often", async () => {
    const { channel, store } = setUp();
    await vi.advanceTimersByTimeAsync(1100);
    expect(store.connection.value).toBe("waiting");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(channel.sent.length).toBeGreaterThan(4);
    expect(channel.sent.length).toBeLessThan(9);
    channel.fire(snapshot(0));
    expect(store.connection.value).toBe("live");
    await paint();
    channel.takeTypes();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(channel.takeTypes()).toEqual([]);
  });
});

describe("frames", () => {
  test("that come together are applied once, in an animation frame", async () => {
    const { channel, store, shown } = setUp();
    channel.fire(snapshot(0));
    let changes = -1;
    store.view.subscribe(() => changes++);
    channel.fire(frame(1, [turnStarted(), stepStarted]));
    channel.fire(frame(2, [text("Hel")]));
    channel.fire(frame(3, [text("lo")]));
    expect(changes).toBe(0);
    await paint();
    expect(changes).toBe(1);
    expect(shown()).toEqual(["hi", "Hello"]);
  });

  test("that come twice count once", async () => {
    const { channel, shown } = setUp();
    channel.fire(snapshot(0));
    for (const seq of [1, 1, 2, 1, 2]) channel.fire(frame(seq, seq === 1 ? [turnStarted(), stepStarted] : [text("x")]));
    await paint();
    channel.fire(frame(2, [text("x")]));
    await paint();
    expect(shown()).toEqual(["hi", "x"]);
    expect(channel.takeTypes().filter((type) => type === "hello")).toHaveLength(1);
  });

  test("after a gap wait for a snapshot", async () => {
    const { channel, store, shown } = setUp();
    channel.fire(snapshot(0));
    await paint();
    channel.takeTypes();
    channel.fire(frame(2, [text("lost my place")]));
    channel.fire(frame(3, [text("still")]));
    await paint();
    expect(channel.takeTypes()).toEqual(["hello"]);
    const view = { ...emptyView, messages: [...(store.view.value?.messages ?? [])] };
    channel.fire(snapshot(3, "me", view));
    channel.fire(frame(4, [turnStarted()]));
    await paint();
    expect(shown()).toEqual(["hi"]);
  });

  test("are remembered by when they came, the newest of them, whatever was missed between", () => {
    const { channel, connection } = setUp();
    channel.fire(snapshot(0));
    for (let seq = 1; seq <= 10; seq++) channel.fire(frame(seq, []));
    channel.fire(frame(30, []));
    channel.fire(snapshot(30));
    const last = 30 + ARRIVALS - 5;
    for (let seq = 31; seq <= last; seq++) channel.fire(frame(seq, []));
    expect(connection.arrivals.size).toBe(ARRIVALS);
    expect([5, 6, 31, last].map((seq) => connection.arrivals.has(seq))).toEqual([false, true, true, true]);
  });

  test("that make no sense are answered with hello, not with a broken page", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { channel, store } = setUp();
    channel.fire(snapshot(0));
    await paint();
    channel.takeTypes();
    channel.fire(frame(1, [text("of a step that nobody began")]));
    await paint();
    expect(channel.takeTypes()).toEqual(["hello"]);
    channel.fire(snapshot(1));
    expect(store.connection.value).toBe("live");
  });

  test("are applied without an animation frame when the page is hidden, and when none comes", async () => {
    const { channel, shown } = setUp();
    channel.fire(snapshot(0));
    hidden = true;
    channel.fire(frame(1, [turnStarted(), stepStarted, text("a")]));
    expect(shown()).toEqual(["hi", "a"]);
    hidden = false;
    vi.spyOn(globalThis, "requestAnimationFrame").mockImplementation(() => 0);
    channel.fire(frame(2, [text("b")]));
    await vi.advanceTimersByTimeAsync(300);
    expect(shown()).toEqual(["hi", "ab"]);
  });
});

describe("acks", () => {
  async function running() {
    const made = setUp();
    made.channel.fire(snapshot(0));
    made.channel.fire(frame(1, [turnStarted(), stepStarted]));
    await vi.advanceTimersByTimeAsync(ACK_MS + 100);
    made.channel.takeTypes();
    return made;
  }

  test("are few: one after so many frames, or so long", async () => {
    const { channel } = await running();
    for (let seq = 2; seq < 2 + ACK_FRAMES; seq++) channel.fire(frame(seq, [text("x")]));
    await paint();
    expect(channel.sent.splice(0)).toEqual([{ type: "ack", client: "me", seq: ACK_FRAMES + 1 }]);
    channel.fire(frame(ACK_FRAMES + 2, [text("x")]));
    await paint();
    expect(channel.takeTypes()).toEqual([]);
    await vi.advanceTimersByTimeAsync(ACK_MS);
    expect(channel.takeTypes()).toEqual(["ack"]);
  });

  test("follow at once on much text", async () => {
    const { channel } = await running();
    channel.fire(frame(2, [text("x".repeat(ACK_TEXT))]));
    await paint();
    expect(channel.takeTypes()).toEqual(["ack"]);
  });

  test("answer a heartbeat; hello answers one that is ahead", async () => {
    const { channel } = await running();
    channel.fire({ type: "heartbeat", seq: 1 });
    expect(channel.takeTypes()).toEqual(["ack"]);
    channel.fire({ type: "heartbeat", seq: 2 });
    expect(channel.takeTypes()).toEqual(["hello"]);
  });

  test("break a silence while a turn runs, and only then", async () => {
    const { channel } = await running();
    await vi.advanceTimersByTimeAsync(5100);
    expect(channel.takeTypes()).toEqual(["ack"]);
    channel.fire(frame(2, [turnCompleted]));
    await vi.advanceTimersByTimeAsync(ACK_MS + 100);
    channel.takeTypes();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(channel.takeTypes()).toEqual([]);
  });

  test("are sent when a hidden page comes back", async () => {
    const { channel } = await running();
    document.dispatchEvent(new Event("visibilitychange"));
    expect(channel.takeTypes()).toEqual(["ack"]);
  });
});

describe("a kernel that is gone", () => {
  test("is noticed when something is sent", () => {
    const { channel, store, connection } = setUp();
    channel.fire(snapshot(0));
    channel.dead = true;
    expect(connection.send({ type: "send", client: "me", request: "r", text: "hi", inputs: {} })).toBe(false);
    expect(store.status.value).toBe("disconnected");
    expect(store.lost.value).toMatch(/Run the cells again/);
  });

  test("is told by the host", async () => {
    const { channel, store } = setUp();
    channel.lose("The kernel was restarted.");
    channel.lose("And then something else.");
    expect(store.lost.value).toBe("The kernel was restarted.");
    channel.takeTypes();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(channel.takeTypes()).toEqual([]);
  });
});

test("a closed connection says bye and nothing more", async () => {
  const { channel, connection, store } = setUp();
  channel.fire(snapshot(0));
  channel.takeTypes();
  connection.close();
  channel.fire(frame(1, [turnStarted()]));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(channel.takeTypes()).toEqual(["bye"]);
  expect(store.messages.value).toEqual([]);
});

test("a request that was lost is made again, until it is answered", async () => {
  const { channel, store, connection } = setUp();
  channel.fire(snapshot(0));
  await paint();
  channel.takeTypes();
  store.setPending({ request: "r1", text: "hi" });
  connection.send({ type: "send", client: "me", request: "r1", text: "hi", inputs: {} });
  await vi.advanceTimersByTimeAsync(7000);
  expect(channel.takeTypes()).toEqual(["send", "send", "send"]);
  channel.fire(frame(1, [turnStarted("r1"), turnCompleted]));
  await paint();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(channel.takeTypes().filter((type) => type === "send")).toEqual([]);
});

test("so is a Stop", async () => {
  const { channel, store, connection } = setUp();
  channel.fire(snapshot(0));
  channel.fire(frame(1, [turnStarted()]));
  await paint();
  channel.takeTypes();
  store.setStopping("t1");
  connection.send({ type: "stop", client: "me", turn: "t1" });
  await vi.advanceTimersByTimeAsync(2500);
  expect(channel.takeTypes()).toEqual(["stop", "stop"]);
  channel.fire(frame(2, [turnCompleted]));
  await paint();
  expect(store.stopping.value).toBeNull();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(channel.takeTypes().filter((type) => type === "stop")).toEqual([]);
});

test("a request is pending until its turn begins or it is refused", async () => {
  const { channel, store } = setUp();
  channel.fire(snapshot(0));
  store.setPending({ request: "r1", text: "hi" });
  channel.fire(frame(1, [turnStarted("another")]));
  await paint();
  expect(store.pending.value).not.toBeNull();
  channel.fire(
    frame(2, [{ type: "refused", time: 1, monotonic: 1, turn: "", request: "r1", reason: "no", fields: {} }]),
  );
  await paint();
  expect(store.pending.value).toBeNull();
});

describe("a kernel that is busy", () => {
  async function live() {
    const made = setUp();
    made.channel.fire(snapshot(0));
    await paint();
    return made;
  }

  test("is told of when a request is not answered in time, until it is", async () => {
    const { channel, store, connection } = await live();
    store.setPending({ request: "r1", text: "hi" });
    connection.send({ type: "send", client: "me", request: "r1", text: "hi", inputs: {} });
    await vi.advanceTimersByTimeAsync(900);
    expect(store.connection.value).toBe("live");
    await vi.advanceTimersByTimeAsync(200);
    expect(store.connection.value).toBe("waiting");
    channel.fire(frame(1, [turnStarted("r1")]));
    await paint();
    expect(store.connection.value).toBe("live");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.connection.value).toBe("live");
  });

  test("is told of when it goes on streaming and does not hear of Stop", async () => {
    const { channel, store, connection } = await live();
    channel.fire(frame(1, [turnStarted(), stepStarted]));
    await paint();
    store.setStopping("t1");
    connection.send({ type: "stop", client: "me", turn: "t1" });
    for (let seq = 2; seq < 40; seq++) {
      channel.fire(frame(seq, [text("x")]));
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(store.connection.value).toBe("waiting");
    channel.fire(frame(40, [turnCompleted]));
    await paint();
    expect(store.connection.value).toBe("live");
  });

  test("is not told of when the answer is in time", async () => {
    const { channel, store, connection } = await live();
    store.setPending({ request: "r1", text: "hi" });
    connection.send({ type: "send", client: "me", request: "r1", text: "hi", inputs: {} });
    channel.fire(frame(1, [turnStarted("r1"), turnCompleted]));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.connection.value).toBe("live");
  });
});
