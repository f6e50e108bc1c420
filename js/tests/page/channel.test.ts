import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createHttpChannel } from "../../src/page/channel";
import { LIMIT_MS, LONG_LIMIT_MS } from "../../src/page/post";
import type { Command, KernelMessage, Pause } from "../../src/protocol.gen";
import { snapshot } from "../transport/fakes";
import { FakeServer, FakeSource, settle } from "./fakes";

const CHAT = new URL("http://127.0.0.1:8000/chats/p/a/");

let server: FakeServer;
let leaving: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  leaving = new AbortController();
});
afterEach(() => {
  leaving.abort();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function setUp() {
  const channel = createHttpChannel(CHAT, "me", leaving.signal);
  const messages: KernelMessage[] = [];
  const told: unknown[] = [];
  channel.onMessage((message) => messages.push(message));
  channel.onLost((reason) => told.push(reason));
  channel.onBroken?.((back) => told.push(back ? "back" : "broken"));
  channel.onRefused?.((request, reason) => told.push([request, reason]));
  return { channel, messages, told };
}

function open() {
  const page = setUp();
  server.source.open();
  page.told.length = 0;
  return page;
}

const send = (request: string, text = "hi"): Command => ({ type: "send", client: "me", request, text, inputs: {} });
const pause = (request: string): Pause => ({ type: "pause", client: "me", request, off: false });
const inspect = (request: string): Command => ({
  ...{
    type: "inspect",
    client: "me",
    request,
    step: 1,
    what: "state",
    path: [],
    start: 0,
    branch: null,
    against: null,
  },
});

/** Longer than any wait between two tries. */
const LONG = 11_000;

describe("the stream", () => {
  test("carries what the server says", () => {
    const { messages, told } = setUp();
    expect(server.source.url.href).toBe("http://127.0.0.1:8000/chats/p/a/frames?client=me");
    server.source.open();
    server.source.say(snapshot(3));
    expect(messages).toEqual([snapshot(3)]);
    expect(told).toEqual(["back"]);
  });

  test("is opened again when it breaks off, once at a time and ever less often", async () => {
    const { told } = open();
    server.source.fail();
    expect(told).toEqual(["broken"]);
    expect(FakeSource.opened).toHaveLength(1);
    for (const tries of [2, 3, 4, 5, 6, 7]) {
      await vi.advanceTimersByTimeAsync(LONG);
      expect(FakeSource.opened).toHaveLength(tries);
      server.source.fail();
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSource.opened).toHaveLength(7);
    await vi.advanceTimersByTimeAsync(LONG);
    server.source.open();
    expect(told.at(-1)).toBe("back");
    expect(FakeSource.opened.slice(0, -1).every(({ readyState }) => readyState === FakeSource.CLOSED)).toBe(true);
  });

  test("is opened again within two seconds where somebody looks at the page, later where nobody does", async () => {
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    open();
    for (let i = 0; i < 8; i++) {
      server.source.fail();
      await vi.advanceTimersByTimeAsync(LONG);
    }
    const before = FakeSource.opened.length;
    server.source.fail();
    await vi.advanceTimersByTimeAsync(5000);
    expect(FakeSource.opened).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(LONG);
    hidden.mockReturnValue(false);
    for (let i = 1; i < 9; i++) {
      server.source.fail();
      await vi.advanceTimersByTimeAsync(2000);
      expect(FakeSource.opened).toHaveLength(before + 1 + i);
    }
  });

  test("is opened at once when there is reason to", async () => {
    const { channel } = open();
    for (let i = 0; i < 6; i++) {
      server.source.fail();
      await vi.advanceTimersByTimeAsync(LONG);
    }
    server.source.fail();
    channel.hurry();
    expect(FakeSource.opened).toHaveLength(8);
    channel.hurry();
    await vi.advanceTimersByTimeAsync(LONG);
    expect(FakeSource.opened).toHaveLength(8);
  });

  test("rests while nobody needs it", async () => {
    const { channel, told } = open();
    channel.rest();
    expect(told).toEqual(["broken"]);
    expect(server.source.readyState).toBe(FakeSource.CLOSED);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSource.opened).toHaveLength(1);
    channel.hurry();
    server.source.open();
    expect(FakeSource.opened).toHaveLength(2);
    expect(told).toEqual(["broken", "back"]);
    server.source.fail();
    channel.rest();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSource.opened).toHaveLength(2);
    channel.hurry();
    expect(FakeSource.opened).toHaveLength(3);
  });

  test("that was refused is opened again where the server has no time, and not without its token", async () => {
    const { channel, told } = setUp();
    server.source.fail(true);
    await vi.advanceTimersByTimeAsync(LONG);
    expect(FakeSource.opened).toHaveLength(1);
    await server.next().answer(503, { message: "too many streams" }, { "retry-after": "1" });
    expect(FakeSource.opened).toHaveLength(2);
    server.source.fail(true);
    await vi.advanceTimersByTimeAsync(LONG);
    await server.next().answer(401, { error: "token-needed", message: "this server has a token" });
    expect(told.at(-1)).toMatch(/token.*\?token=/);
    await vi.advanceTimersByTimeAsync(LONG);
    expect(FakeSource.opened).toHaveLength(2);
    expect(() => channel.send(send("r1"))).toThrow();
  });

  test("that has no beat any more is opened again", async () => {
    const { told } = open();
    for (let beats = 0; beats < 10; beats += 1) {
      server.source.say(snapshot(beats));
      await vi.advanceTimersByTimeAsync(10_000);
      server.source.beat();
      await vi.advanceTimersByTimeAsync(10_000);
    }
    expect(told.filter((each) => each === "broken")).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told.at(-1)).toBe("broken");
    expect(FakeSource.opened).toHaveLength(2);
    server.source.open();
    expect(told.at(-1)).toBe("back");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(told.at(-1)).toBe("broken");
  });

  test("ends with the page", async () => {
    const { channel } = open();
    channel.send({ type: "bye", client: "me" });
    expect(server.source.readyState).toBe(FakeSource.CLOSED);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSource.opened).toHaveLength(1);
    expect(server.heard).toEqual([]);
  });
});

describe("what is said", () => {
  test("is said one after the other where it changes something, and stop waits for nothing", async () => {
    const { channel } = open();
    channel.send(pause("r1"));
    channel.send({ ...pause("r2"), off: true });
    channel.send({ type: "stop", client: "me", turn: "t1" });
    await settle();
    expect(server.heard).toEqual(["stop", "pause"]);
    await server.open.find(({ command }) => command.type === "pause")?.answer(202);
    expect(server.heard).toEqual(["stop", "pause", "pause"]);
  });

  test("waits until the server is back, is said once then, and keeps its order", async () => {
    const { channel, told } = open();
    server.source.fail();
    channel.send(send("r1", "first"));
    channel.send(send("r2", "second"));
    await settle();
    await server.next().fail();
    channel.send(send("r1", "first")); // as the connection does again and again
    await vi.advanceTimersByTimeAsync(LONG);
    await server.next().fail();
    channel.send(send("r1", "first"));
    server.source.open();
    await settle();
    expect(server.open.map(({ command }) => command)).toEqual([send("r1", "first")]);
    await server.next().answer(202);
    expect(server.open.map(({ command }) => command)).toEqual([send("r2", "second")]);
    await server.next().answer(202);
    await vi.advanceTimersByTimeAsync(LONG);
    expect(server.open).toEqual([]);
    expect(told).toEqual(["broken", "back"]);
  });

  test("is said again no sooner than the server wants it to be", async () => {
    const { channel } = open();
    channel.send(send("r1"));
    await settle();
    await server.next().answer(429, { message: "too many turns" }, { "retry-after": "30" });
    await vi.advanceTimersByTimeAsync(29_000);
    expect(server.open).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.open).toHaveLength(1);
  });

  test("on a connection that has died is given up after a while and said again, and what waits for it follows", async () => {
    const { channel } = open();
    channel.send(send("r1", "first"));
    channel.send(send("r2", "second"));
    await settle();
    server.next(); // which is never answered
    await vi.advanceTimersByTimeAsync(LIMIT_MS - 1);
    channel.send(send("r1", "first"));
    expect(server.open).toEqual([]);
    await vi.advanceTimersByTimeAsync(LONG);
    expect(server.open.map(({ command }) => command)).toEqual([send("r1", "first")]);
    await server.next().answer(202);
    await server.next().answer(202);
    await vi.advanceTimersByTimeAsync(2 * LIMIT_MS);
    expect(server.heard).toEqual(["send", "send", "send"]);
  });

  test("of what was painted goes on after one that was never answered", async () => {
    const { channel } = open();
    for (const seq of [1, 2]) channel.send({ type: "ack", client: "me", seq });
    server.next(); // which is never answered
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    expect(server.open.map(({ command }) => command)).toEqual([{ type: "ack", client: "me", seq: 2 }]);
  });

  test("has longer where the answer is long", async () => {
    const { channel, messages } = open();
    channel.send(inspect("r1"));
    await vi.advanceTimersByTimeAsync(LIMIT_MS + LONG);
    expect(server.open).toHaveLength(1);
    const [asked] = server.open;
    await asked?.answer(200, { ...{ type: "inspected", client: "me", request: "r1" }, rows: [], error: null });
    expect(messages).toHaveLength(1);
    channel.send(inspect("r2"));
    await vi.advanceTimersByTimeAsync(LONG_LIMIT_MS + LONG);
    expect(server.heard).toEqual(["inspect", "inspect", "inspect"]);
  });

  test("to another process of the server than the stream's is said again at once", async () => {
    const { channel, told, messages } = open();
    channel.send(send("r1"));
    await settle();
    const notHere = { error: "not-here", message: "this process has no stream", remedy: null };
    await server.next().answer(200, notHere);
    await server.next().answer(200, notHere);
    await server.next().answer(202);
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.open).toEqual([]);
    expect(told).toEqual([]);
    expect(messages).toEqual([]);
  });

  test("to none but other processes is said again after a while", async () => {
    const { channel, told } = open();
    channel.send(send("r1"));
    await settle();
    let tries = 0;
    for (; server.open.length > 0; tries++) await server.next().answer(200, { error: "not-here" });
    expect(tries).toBe(8);
    await vi.advanceTimersByTimeAsync(LONG);
    await server.next().answer(202);
    expect(told).toEqual([]);
  });

  test("and turned away is told with the server's words, and is not said again", async () => {
    const { channel, told } = open();
    channel.send(send("r1"));
    channel.send(send("r2"));
    await settle();
    await server.next().answer(413, { error: "too-large", message: "a body may have 1 MB", remedy: "send less" });
    expect(told).toEqual([["r1", "A body may have 1 MB. Send less."]]);
    await server.next().answer(500, "Internal Server Error");
    expect(told.at(-1)).toEqual(["r2", "The server answered 500."]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.open).toEqual([]);
  });

  test("and answered at once is handed to who listens", async () => {
    const { channel, messages } = open();
    channel.send(inspect("r1"));
    channel.send(inspect("r2"));
    const answer = {
      type: "inspected",
      client: "me",
      request: "r2",
      rows: [],
      text: null,
      start: 0,
      more: 0,
      error: null,
    };
    expect(server.open).toHaveLength(2);
    await server.open[1]?.answer(200, answer);
    expect(messages).toEqual([answer]);
  });

  test("of what was painted is the newest, one at a time, and nothing while nobody listens", async () => {
    const { channel } = open();
    for (const seq of [1, 2, 3]) channel.send({ type: "ack", client: "me", seq });
    expect(server.heard).toEqual(["ack"]);
    await server.next().answer(202);
    expect(server.open.map(({ command }) => command)).toEqual([{ type: "ack", client: "me", seq: 3 }]);
    await server.next().fail();
    channel.send({ type: "ack", client: "me", seq: 4 });
    expect(server.heard).toHaveLength(3);
    server.source.fail();
    channel.send({ type: "ack", client: "me", seq: 5 });
    channel.send({ type: "hello", client: "me" });
    await server.next().answer(202);
    expect(server.heard).toHaveLength(3);
  });

  test("to a server under a name that is not its own says what is wrong", async () => {
    const { channel, told } = open();
    channel.send(send("r1"));
    await settle();
    await server.next().answer(403, { error: "host-refused", message: "not asked so", remedy: "use loopback" });
    expect(told).toEqual(["Not asked so. Use loopback."]);
    expect(server.source.readyState).toBe(FakeSource.CLOSED);
  });
});
