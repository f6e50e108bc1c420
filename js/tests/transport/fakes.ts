import type { Command, Frame, KernelMessage, Snapshot, View } from "../../src/protocol.gen";
import type { WireEvent } from "../../src/store/fold";
import type { Channel } from "../../src/transport/channel";
import { emptyComposer } from "../composer";

/** A channel whose other end is the test. */
export class FakeChannel implements Channel {
  readonly sent: Command[] = [];
  dead = false;
  #listeners: ((message: KernelMessage, buffers: readonly DataView[]) => void)[] = [];
  #lost: ((reason: string) => void)[] = [];

  send(command: Command): void {
    if (this.dead) throw new Error("Cannot send");
    this.sent.push(structuredClone(command));
  }

  onMessage(listener: (message: KernelMessage, buffers: readonly DataView[]) => void): void {
    this.#listeners.push(listener);
  }

  onLost(listener: (reason: string) => void): void {
    this.#lost.push(listener);
  }

  fire(message: KernelMessage, buffers: readonly DataView[] = []): void {
    for (const listener of this.#listeners) listener(message, buffers);
  }

  lose(reason: string): void {
    for (const listener of this.#lost) listener(reason);
  }

  /** The types of what was sent since the last call. */
  takeTypes(): string[] {
    return this.sent.splice(0).map((command) => command.type);
  }
}

/** One that may break, and turn commands away. */
export class BreakingChannel extends FakeChannel {
  #broken: ((back: boolean) => void)[] = [];
  #refused: ((request: string, reason: string) => void)[] = [];

  onBroken(listener: (back: boolean) => void): void {
    this.#broken.push(listener);
  }

  onRefused(listener: (request: string, reason: string) => void): void {
    this.#refused.push(listener);
  }

  tell(back: boolean): void {
    for (const listener of this.#broken) listener(back);
  }

  refuse(request: string, reason: string): void {
    for (const listener of this.#refused) listener(request, reason);
  }
}

export const emptyView: View = {
  session: { title: "Chat", app_id: "app", model: null, suggestions: [], faults: [], recording: null, withheld: [] },
  graph: {
    entrypoint: "answer",
    actions: [
      {
        name: "answer",
        reads: [],
        writes: [],
        inputs: ["prompt"],
        optional_inputs: [],
        tags: [],
        streaming: true,
        terminal: true,
        docstring: null,
        source: null,
      },
    ],
    transitions: [],
  },
  composer: { ...emptyComposer, input: "prompt" },
  nodes: { answer: { status: "next", visits: 0 } },
  taken: [],
  status: "idle",
  held: null,
  pausing: false,
  pace: 0,
  fault: null,
  breakpoints: [],
  turns: [],
  steps: [],
  messages: [],
  decisions: [],
  branch: "b1",
  branches: [],
  accepted: [],
  refused: [],
};

export const snapshot = (seq: number, client = "me", view = emptyView): Snapshot => ({
  type: "snapshot",
  seq,
  client,
  view,
});

export const frame = (seq: number, events: WireEvent[]): Frame => ({ type: "frame", seq, events });

const stamp = { time: 1, monotonic: 1, turn: "t1" };

export const turnStarted = (request: string | null = null): WireEvent => ({
  type: "turn-started",
  ...stamp,
  inputs: {},
  prompt: "hi",
  next_action: "answer",
  request,
  replaces: null,
  siblings: [],
  editable: true,
});

export const stepStarted: WireEvent = {
  type: "step-started",
  ...stamp,
  step: 1,
  action: "answer",
  streaming: true,
  inputs: {},
};

export const text = (text: string): WireEvent => ({ type: "text", step: 1, text, marks: "" });

export const turnCompleted: WireEvent = { type: "turn-completed", ...stamp, next_action: "answer", needs: [] };
