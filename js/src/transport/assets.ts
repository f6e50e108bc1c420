// Modules that are too large for the core and seldom needed (the inspector, the timeline, the quiz, colours of code, math, Graphviz): asked for over the channel, from our own wheel.
import type { Channel } from "./channel";
import { AGAIN_MAX_MS, AGAIN_MS, type Connection } from "./connection";
import { importGzipped } from "./gzipped";

export type AssetName = "code" | "inspector" | "math" | "graphviz" | "quiz" | "timeline";
/** Resolves to the module's exports. Rejects when the kernel cannot send it. Never await it in `initialize`. */
export type LoadAsset = (name: AssetName) => Promise<Record<string, unknown>>;

export function createAssets(channel: Channel, connection: Connection): LoadAsset {
  const waiting = new Map<string, PromiseWithResolversLike>();
  const loaded = new Map<string, Promise<Record<string, unknown>>>();

  channel.onMessage((message, buffers) => {
    if (message.type !== "asset-reply") return;
    const asked = waiting.get(message.name);
    if (asked === undefined) return;
    waiting.delete(message.name);
    const buffer = buffers[0];
    if (message.error !== null || buffer === undefined) asked.reject(new Error(message.error ?? "no buffer came"));
    else importGzipped(bytesOf(buffer)).then(asked.resolve, asked.reject);
  });

  /** Ask until it comes: a reply may be lost, or wait behind a busy kernel. */
  function ask(name: AssetName, wait: number): void {
    const asked = waiting.get(name);
    if (asked === undefined) return;
    if (connection.send({ type: "asset", client: connection.client, name })) {
      setTimeout(() => ask(name, Math.min(wait * 2, AGAIN_MAX_MS)), wait);
    } else {
      waiting.delete(name);
      asked.reject(new Error("the kernel is gone"));
    }
  }

  return (name) => {
    const known = loaded.get(name);
    if (known !== undefined) return known;
    const promise = new Promise<Record<string, unknown>>((resolve, reject) => {
      waiting.set(name, { resolve, reject });
      ask(name, AGAIN_MS);
    });
    loaded.set(name, promise);
    promise.catch(() => loaded.delete(name));
    return promise;
  };
}

interface PromiseWithResolversLike {
  resolve(module: Record<string, unknown>): void;
  reject(error: unknown): void;
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
