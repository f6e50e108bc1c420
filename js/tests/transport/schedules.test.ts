// The page's side, with a model of the kernel: whatever is lost, doubled or late in either
// direction, and whenever the page is hidden, in the end it shows the fold of all events, and each prompt was taken once.
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Command, KernelMessage, View } from "../../src/protocol.gen";
import { fold, type WireEvent } from "../../src/store/fold";
import { createStore } from "../../src/store/store";
import { type Connection, connect } from "../../src/transport/connection";
import { emptyView, FakeChannel } from "./fakes";

const stamp = { time: 1, monotonic: 1 };

/** What the kernel's end does, as simply as can be: no credit, no coalescing. */
class ModelKernel {
  view: View = emptyView;
  seq = 0;
  requests: string[] = [];
  readonly out: KernelMessage[] = [];
  readonly #turns: string[] = [];

  receive(command: Command): void {
    switch (command.type) {
      case "hello":
        this.out.push({ type: "snapshot", seq: this.seq, client: command.client, view: this.view });
        break;
      case "send":
        if (this.requests.includes(command.request)) break;
        this.requests.push(command.request);
        this.begin(command.request, command.text ?? null);
        break;
      case "stop":
        if (command.turn === this.running) this.end("turn-stopped");
        break;
    }
  }

  get running(): string | null {
    return this.view.turns.find((turn) => turn.status === "running")?.key ?? null;
  }

  begin(request: string | null, prompt: string | null): void {
    if (this.running !== null) this.end("turn-completed");
    const turn = `t${this.#turns.push("")}`;
    const step = this.#turns.length;
    this.tell([
      {
        type: "turn-started",
        ...stamp,
        turn,
        inputs: {},
        prompt,
        next_action: "answer",
        request,
        replaces: null,
        siblings: [],
        editable: true,
      },
      { type: "step-started", ...stamp, turn, step, action: "answer", streaming: true, inputs: {} },
    ]);
  }

  say(text: string): void {
    if (this.running !== null) this.tell([{ type: "text", step: this.#turns.length, text, marks: "" }]);
  }

  end(type: "turn-completed" | "turn-stopped"): void {
    const turn = this.running;
    if (turn === null) return;
    const ended = { ...stamp, turn, next_action: "answer" };
    this.tell([type === "turn-stopped" ? { type, ...ended } : { type, ...ended, needs: [] }]);
  }

  beat(): void {
    this.out.push({ type: "heartbeat", seq: this.seq });
  }

  tell(events: WireEvent[]): void {
    this.seq += 1;
    this.view = events.reduce(fold, this.view);
    this.out.push({ type: "frame", seq: this.seq, events });
  }
}

/** The page, the kernel and the wire between them, on which messages keep their order and may be lost or doubled. */
class World {
  readonly kernel = new ModelKernel();
  readonly channel = new FakeChannel();
  readonly store = createStore();
  readonly connection: Connection = connect(this.channel, this.store, "me");
  #asked = 0;

  toKernel(copies: readonly number[]): void {
    this.channel.sent.splice(0).forEach((command, index) => {
      for (let n = 0; n < (copies[index % copies.length] ?? 1); n++) this.kernel.receive(command);
    });
  }

  toPage(copies: readonly number[]): void {
    this.kernel.out.splice(0).forEach((message, index) => {
      // As it comes off a wire: nothing is shared with the kernel.
      for (let n = 0; n < (copies[index % copies.length] ?? 1); n++) this.channel.fire(structuredClone(message));
    });
  }

  /** As the composer does: only when nothing is asked already. */
  ask(text: string): string | null {
    if (this.store.pending.peek() !== null || this.store.status.peek() !== "idle") return null;
    const request = `r${++this.#asked}`;
    this.store.setPending({ request, text });
    this.connection.send({ type: "send", client: "me", request, text, inputs: {} });
    return request;
  }

  stop(): void {
    const turn = this.store.view.peek()?.turns.findLast(({ status }) => status === "running")?.key;
    if (turn === undefined || this.store.stopping.peek() !== null) return;
    this.store.setStopping(turn);
    this.connection.send({ type: "stop", client: "me", turn });
  }

  /** Lose nothing from now on, until there is nothing left to say. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      await vi.advanceTimersByTimeAsync(20_000);
      this.kernel.beat();
      quiet = this.channel.sent.some(({ type }) => type !== "ack") ? 0 : quiet + 1;
      this.toKernel([1]);
      this.toPage([1]);
    }
    await vi.advanceTimersByTimeAsync(1000);
  }
}

const copies = fc.array(fc.constantFrom(1, 1, 1, 0, 2), { minLength: 1, maxLength: 5 });
const text = fc.string({ unit: "binary", maxLength: 8 });
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant("say" as const), text }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom("begin", "end", "beat", "stop", "hide", "show"), text }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("ask" as const), text }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constantFrom("to page" as const, "to kernel" as const), copies }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("wait" as const), ms: fc.constantFrom(1, 20, 300, 3000) }) },
);

let hidden = false;
beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function setHidden(value: boolean): void {
  hidden = value;
  document.dispatchEvent(new Event("visibilitychange"));
}

test("the page ends with the kernel's view, and what was asked was done once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 60 }), async (schedule) => {
      hidden = false;
      const world = new World();
      const { kernel, store } = world;
      const asked: string[] = [];
      for (const each of schedule) {
        switch (each.what) {
          case "say":
            kernel.say(each.text);
            break;
          case "begin":
            kernel.begin(null, each.text);
            break;
          case "end":
            kernel.end("turn-completed");
            break;
          case "beat":
            kernel.beat();
            break;
          case "ask": {
            const request = world.ask(each.text);
            if (request !== null) asked.push(request);
            break;
          }
          case "stop":
            world.stop();
            break;
          case "hide":
          case "show":
            setHidden(each.what === "hide");
            break;
          case "to page":
            world.toPage(each.copies);
            break;
          case "to kernel":
            world.toKernel(each.copies);
            break;
          case "wait":
            await vi.advanceTimersByTimeAsync(each.ms);
            break;
        }
      }
      await world.settle();
      expect(store.view.peek()).toEqual(kernel.view);
      expect(kernel.requests).toEqual(asked);
      expect(store.pending.peek()).toBeNull();
      expect(store.stopping.peek()).toBeNull();
      expect(store.connection.peek()).toBe("live");
      world.connection.close();
    }),
    { numRuns: 300 },
  );
});
