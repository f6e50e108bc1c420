// The page's end of the transport. Frames are applied once an animation frame and acknowledged when they are painted; a gap
// is answered with hello, and hello with a snapshot. An ack makes the kernel
// busy and idle again, which is two more messages for everybody: so they are few.
import { effect } from "@preact/signals";
import type { Command, Frame, KernelMessage, Snapshot } from "../protocol.gen";
import { DEFAULTS, type Settings } from "../settings";
import type { Store } from "../store/store";
import type { Channel } from "./channel";
import { Timers } from "./timers";

/** An ack goes out after so many frames, or code units of text, or milliseconds, whichever comes first. */
export const ACK_FRAMES = 64;
export const ACK_TEXT = 32_768;
export const ACK_MS = 4000;
/** The kernel is taken for busy when a snapshot, or what becomes of a command, is so late. */
const LATE_MS = 1000;
/** How long to wait before hello, or a command that is not answered, is said again; doubled each time. */
export const AGAIN_MS = 2000;
export const AGAIN_MAX_MS = 16_000;
/** An animation frame that does not come (a hidden or covered page) is not waited for any longer. */
const PAINT_MS = 250;
/** So long without a word from the kernel while a turn runs, the page says what it has. */
const SILENCE_MS = 5000;

/** What an event other than text weighs at least; transport/outbox.py counts the same. */
const ENVELOPE = 100;

/** When a frame was received and, once it was drawn up for the browser to paint, painted: by `performance.now()`, in milliseconds. */
export interface Arrival {
  received: number;
  painted: number | null;
}

/** So many frames' arrivals are remembered. */
export const ARRIVALS = 20_000;

export interface Connection {
  readonly client: string;
  /** By the frame's number. */
  readonly arrivals: ReadonlyMap<number, Arrival>;
  /** Send a command. A lost kernel is told to the store, not thrown. Says whether it went out. */
  send(command: Command): boolean;
  close(): void;
}

export function connect(channel: Channel, store: Store, client: string): Connection {
  let seq = -1;
  let synced = false;
  let queue: Frame[] = [];
  let paint: (() => void) | null = null;
  let unackedFrames = 0;
  let unackedText = 0;
  let closed = false;
  let told: Settings | null = null;
  const arrivals = new Map<number, Arrival>();
  const timers = new Timers();

  function lose(reason: string): void {
    if (store.connection.peek() === "lost") return; // what was told first is nearest to the cause
    timers.cancelAll();
    store.lost.value = reason;
    store.connection.value = "lost";
  }

  function send(command: Command): boolean {
    if (closed || store.connection.value === "lost") return false;
    try {
      channel.send(command);
      return true;
    } catch {
      lose(`${store.peer.gone} ${store.peer.remedy}`);
      return false;
    }
  }

  function hello(wait = AGAIN_MS): void {
    synced = false;
    queue = [];
    if (!send({ type: "hello", client })) return;
    // With each hello, as that is said until it is heard.
    told = null;
    prefer(store.settings.peek());
    expectSnapshot(wait);
  }

  /** Say what the reader prefers, where the kernel may not know it: what an earlier page has said stays with the kernel. */
  function prefer(settings: Settings): void {
    const { frames, save } = settings;
    if (frames === told?.frames && save === told.save) return;
    if (told === null && settings === DEFAULTS) return; // without the extension nobody prefers anything
    told = settings;
    send({ type: "prefer", client, frames: frames === DEFAULTS.frames ? null : frames, save });
  }

  function expectSnapshot(wait: number): void {
    expectAnswer();
    timers.after("hello", wait, () => hello(Math.min(wait * 2, AGAIN_MAX_MS)));
  }

  /** Whether the kernel has not answered to the command yet, as far as it does that. */
  function isOpen(command: Command): boolean {
    if (command.type === "stop") return store.stopping.peek() === command.turn;
    if (!("request" in command)) return false;
    const { request } = command;
    return store.pending.peek()?.request === request || store.asked.peek().some((asked) => asked.request === request);
  }

  /** Whether the page is owed a snapshot, or word of what became of a command. How a turn went it asks by itself: nobody waits for it. */
  function isOwed(): boolean {
    const asked = store.asked.peek().some(({ type }) => type !== "log");
    return !synced || store.pending.peek() !== null || store.stopping.peek() !== null || asked;
  }

  function expectAnswer(): void {
    if (store.connection.peek() === "waiting" || timers.has("late")) return;
    timers.after("late", LATE_MS, () => {
      if (isOwed()) store.connection.value = "waiting";
    });
  }

  function noteAnswer(): void {
    if (isOwed()) return;
    timers.cancel("late");
    store.connection.value = "live";
  }

  /** Send a command until it is answered; the kernel carries it out once, however often it hears of it. */
  function insist(command: Command, wait = AGAIN_MS): boolean {
    if (isOpen(command)) {
      expectAnswer();
      timers.after(nameOf(command), wait, () => {
        if (isOpen(command)) insist(command, Math.min(wait * 2, AGAIN_MAX_MS));
      });
    }
    return send(command);
  }

  function ack(): void {
    timers.cancel("ack");
    unackedFrames = unackedText = 0;
    if (synced) send({ type: "ack", client, seq });
  }

  function painted(frames: readonly Frame[]): void {
    unackedFrames += frames.length;
    const now = performance.now();
    for (const frame of frames) {
      const arrival = arrivals.get(frame.seq);
      if (arrival !== undefined) arrival.painted = now;
      for (const event of frame.events) unackedText += weight(event);
    }
    if (unackedFrames >= ACK_FRAMES || unackedText >= ACK_TEXT) ack();
    else if (!timers.has("ack")) timers.after("ack", ACK_MS, ack);
  }

  function applyQueue(): void {
    paint = null;
    timers.cancel("paint");
    const frames = queue;
    queue = [];
    const next = frames.filter((frame) => frame.seq > seq);
    const last = next.at(-1);
    if (last === undefined) return;
    try {
      store.apply(next.flatMap((frame) => frame.events));
    } catch (error) {
      console.error(error);
      hello();
      return;
    }
    seq = last.seq;
    noteAnswer();
    listenForSilence();
    // The components render in a microtask that was queued before this one: then the page is as it will be painted.
    queueMicrotask(() => painted(next));
  }

  function schedulePaint(): void {
    if (document.hidden) {
      applyQueue();
      return;
    }
    if (paint !== null) return;
    const run = () => {
      if (paint === run) applyQueue();
    };
    paint = run;
    requestAnimationFrame(run);
    timers.after("paint", PAINT_MS, run);
  }

  function onFrame(frame: Frame): void {
    if (!synced) return;
    const held = queue.at(-1)?.seq ?? seq;
    if (frame.seq <= held) return;
    if (frame.seq === held + 1) {
      queue.push(frame);
      arrivals.set(frame.seq, { received: performance.now(), painted: null });
      // The oldest: after a gap its number is not known.
      if (arrivals.size > ARRIVALS) arrivals.delete(arrivals.keys().next().value as number);
      schedulePaint();
    } else {
      hello();
    }
  }

  function onSnapshot(snapshot: Snapshot): void {
    if (snapshot.client !== client || (synced && snapshot.seq <= seq)) return;
    timers.cancel("hello");
    queue = [];
    seq = snapshot.seq;
    synced = true;
    store.reset(snapshot.view);
    // It has just heard this page, whatever else it still owes.
    timers.cancel("late");
    store.connection.value = "live";
    listenForSilence();
    queueMicrotask(ack);
  }

  function listenForSilence(): void {
    if (store.status.peek() === "running") {
      timers.after("silence", SILENCE_MS, () => {
        ack();
        listenForSilence();
      });
    } else {
      timers.cancel("silence");
    }
  }

  function onMessage(message: KernelMessage): void {
    if (closed) return;
    switch (message.type) {
      case "frame":
        onFrame(message);
        break;
      case "snapshot":
        onSnapshot(message);
        break;
      case "heartbeat":
        if (!synced) break;
        if (message.seq > (queue.at(-1)?.seq ?? seq)) hello();
        else ack();
        break;
      case "asset-reply":
        break; // assets.ts listens for these itself
      case "inspected":
      case "logged":
        // questions.ts listens for these too
        if (message.client !== client) break;
        store.answered(message.request);
        noteAnswer();
        break;
    }
  }

  function onVisible(): void {
    if (!document.hidden) {
      applyQueue();
      ack();
    }
  }

  /** Nothing is heard, or all that was to be heard meanwhile is missing: frames of another process may have the same numbers. */
  function onBroken(back: boolean): void {
    if (closed || store.connection.peek() === "lost") return;
    timers.cancel("silence");
    synced = false;
    queue = [];
    if (back) {
      arrivals.clear();
      expectSnapshot(AGAIN_MS);
    } else {
      timers.cancel("hello");
      store.connection.value = "waiting";
    }
  }

  function onRefused(request: string, reason: string): void {
    if (closed || store.known.peek() === null) return;
    store.apply([{ type: "refused", time: 0, monotonic: 0, turn: "", request, reason, fields: {} }]);
    store.answered(request);
    noteAnswer();
  }

  channel.onMessage(onMessage);
  channel.onLost(lose);
  channel.onBroken?.(onBroken);
  channel.onRefused?.(onRefused);
  document.addEventListener("visibilitychange", onVisible);
  hello();
  const stop = effect(() => prefer(store.settings.value));

  return {
    client,
    arrivals,
    send: (command) => insist(command),
    close() {
      send({ type: "bye", client });
      closed = true;
      stop();
      document.removeEventListener("visibilitychange", onVisible);
      timers.cancelAll();
    },
  };
}

/** What its timer is called: several of a type may wait. */
function nameOf(command: Command): string {
  return "request" in command ? `${command.type} ${command.request}` : command.type;
}

/** About how much text an event is, as the kernel counts it against what may be under way. */
function weight(event: Frame["events"][number]): number {
  if (event.type === "text") return event.text.length;
  return ENVELOPE + ("text" in event ? event.text.length : 0);
}
