// The way to a server: what it says comes in a stream, what is said to it goes in requests.
import type { Command, KernelMessage } from "../protocol.gen";
import type { Channel } from "../transport/channel";
import { Patience } from "./patience";
import { type Outcome, post } from "./post";
import { Stream } from "./stream";

export interface HttpChannel extends Channel {
  /** The network is there again, or the page is looked at again. */
  hurry(): void;
  /** Hear nothing until then. */
  rest(): void;
}

/** A channel to the conversation at `chat` for the page of that name. It ends with `signal`. */
export function createHttpChannel(chat: URL, client: string, signal: AbortSignal): HttpChannel {
  const messages: ((message: KernelMessage, buffers: readonly DataView[]) => void)[] = [];
  const losses: ((reason: string) => void)[] = [];
  const breaks: ((back: boolean) => void)[] = [];
  const refusals: ((request: string, reason: string) => void)[] = [];
  const ending = new AbortController();
  signal.addEventListener("abort", () => ending.abort());

  // Another process of the server than the one that the frames come from does not carry them out, and says so.
  const commands = new URL("commands?page=true", chat);
  const frames = new URL(`frames?client=${encodeURIComponent(client)}`, chat);
  /** What has not been taken yet, by its name: it is not said twice at a time. */
  const underway = new Set<string>();
  /** What changes something is said one after the other: a later one counts. */
  let inOrder: Promise<void> = Promise.resolve();
  /** What was painted meanwhile, while an ack is on its way. */
  let ack: Command | null = null;
  /** What waits before it is said again. */
  const sleepers = new Set<() => void>();

  const tell = (message: KernelMessage) => {
    for (const listener of messages) listener(message, []);
  };

  function lose(reason: string): void {
    if (ending.signal.aborted) return;
    ending.abort();
    for (const listener of losses) listener(reason);
  }

  const stream = new Stream(frames, {
    message: tell,
    open() {
      wake();
      for (const listener of breaks) listener(true);
    },
    broken() {
      for (const listener of breaks) listener(false);
    },
    async refused() {
      // Said to any process: none has a stream of this page's now.
      const outcome = await post(new URL("commands", chat), { type: "hello", client }, ending.signal);
      if (outcome.kind === "denied") lose(outcome.reason);
      return outcome.kind !== "denied";
    },
  });
  ending.signal.addEventListener("abort", () => {
    stream.close();
    wake();
  });

  function wake(): void {
    for (const rise of sleepers) rise();
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const rise = () => {
        clearTimeout(timer);
        sleepers.delete(rise);
        resolve();
      };
      const timer = setTimeout(rise, ms);
      sleepers.add(rise);
    });
  }

  /** Say it once; what is answered to this page alone goes to the listeners. */
  async function say(command: Command): Promise<Outcome> {
    const outcome = await post(commands, command, ending.signal);
    if (ending.signal.aborted) return outcome;
    if (outcome.kind === "denied") lose(outcome.reason);
    else if (outcome.kind === "taken" && outcome.answer !== null) tell(outcome.answer);
    return outcome;
  }

  /** Say it until it is taken or refused. */
  async function insist(command: Command): Promise<void> {
    const patience = new Patience();
    while (!ending.signal.aborted) {
      const outcome = await say(command);
      if (outcome.kind === "away") {
        await pause(Math.max(outcome.wait, patience.next()));
        continue;
      }
      if (outcome.kind === "refused" && "request" in command) {
        for (const listener of refusals) listener(command.request, outcome.reason);
      }
      return;
    }
  }

  async function acknowledge(command: Command): Promise<void> {
    const first = ack === null;
    ack = command;
    if (!first) return;
    for (let said: Command | null = null; ack !== said && !ending.signal.aborted; ) {
      said = ack;
      await say(said);
    }
    ack = null;
  }

  function send(command: Command): void {
    if (ending.signal.aborted) throw new Error("the channel is closed");
    switch (command.type) {
      case "bye":
        ending.abort(); // the server sees that the stream has ended
        break;
      case "hello":
        // Nobody would hear the answer. When the stream is open, it is said again.
        if (stream.isOpen) void say(command);
        break;
      case "ack":
        if (stream.isOpen) void acknowledge(command);
        break;
      case "painted":
      case "prefer":
      case "asset": // the page fetches those by itself
        void say(command);
        break;
      default:
        queue(command);
    }
  }

  function queue(command: Exclude<Command, { type: "hello" | "ack" | "bye" | "painted" | "prefer" | "asset" }>): void {
    const name = "request" in command ? command.request : `${command.type} ${command.turn}`;
    if (underway.has(name)) return;
    underway.add(name);
    const insisted = () => insist(command).finally(() => underway.delete(name));
    const waitsForNone = command.type === "stop" || command.type === "inspect" || command.type === "log";
    if (waitsForNone) void insisted();
    else inOrder = inOrder.then(insisted);
  }

  stream.open();
  return {
    send,
    onMessage: (listener) => messages.push(listener),
    onLost: (listener) => losses.push(listener),
    onBroken: (listener) => breaks.push(listener),
    onRefused: (listener) => refusals.push(listener),
    hurry() {
      stream.hurry();
      wake();
    },
    rest: () => stream.rest(),
  };
}
