// A server whose every answer the test gives.
import { vi } from "vitest";
import type { Command, KernelMessage } from "../../src/protocol.gen";

/** What the browser's EventSource does, at the test's word. */
export class FakeSource {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  static opened: FakeSource[] = [];
  readyState: number = FakeSource.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;

  readonly #beaten: (() => void)[] = [];

  constructor(readonly url: URL) {
    FakeSource.opened.push(this);
  }

  addEventListener(_: "beat", listener: () => void): void {
    this.#beaten.push(listener);
  }

  beat(): void {
    for (const listener of this.#beaten) listener();
  }

  open(): void {
    this.readyState = FakeSource.OPEN;
    this.onopen?.();
  }

  say(message: KernelMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** The connection is cut; `refused`: the server answered with another status than 200. */
  fail(refused = false): void {
    this.readyState = refused ? FakeSource.CLOSED : FakeSource.CONNECTING;
    this.onerror?.();
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
}

interface Request {
  command: Command;
  answer(status: number, body?: unknown, headers?: Record<string, string>): Promise<unknown>;
  /** Nobody is there. */
  fail(): Promise<unknown>;
}

export class FakeServer {
  /** What has come and is not answered yet. */
  readonly open: Request[] = [];
  /** The types of all that has come. */
  readonly heard: string[] = [];

  constructor() {
    FakeSource.opened = [];
    vi.stubGlobal("EventSource", FakeSource);
    vi.stubGlobal("fetch", (_: URL, { body, signal }: { body: string; signal: AbortSignal }) => {
      const command = JSON.parse(body) as Command;
      this.heard.push(command.type);
      return new Promise<Response>((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("aborted")));
        this.open.push({
          command,
          answer: (status, answer = null, headers = {}) => {
            resolve(new Response(JSON.stringify(answer), { status, headers }));
            return settle();
          },
          fail: () => {
            reject(new TypeError("Failed to fetch"));
            return settle();
          },
        });
      });
    });
  }

  get source(): FakeSource {
    const last = FakeSource.opened.at(-1);
    if (last === undefined) throw new Error("no stream was opened");
    return last;
  }

  /** The oldest request that is not answered. */
  next(): Request {
    const request = this.open.shift();
    if (request === undefined) throw new Error("nothing was asked");
    return request;
  }
}

/** Let what was promised happen, and no time pass. */
export const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0) as Promise<unknown>;
