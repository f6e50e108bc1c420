// One command to the server, and what became of it there.
import type { Command, KernelMessage } from "../protocol.gen";

export type Outcome =
  /** It was taken; `answer` goes to this page alone. */
  | { kind: "taken"; answer: KernelMessage | null }
  /** It will not be carried out, however often it is said. */
  | { kind: "refused"; reason: string }
  /** Nothing that this page says will be. */
  | { kind: "denied"; reason: string }
  /** Nobody was there, or had time: say it again, not before so many milliseconds where the server has named a time. */
  | { kind: "away"; wait: number };

const TOKEN =
  "The server answers those who have its token. Open this page once with ?token= and the token at the end of its address, as it was printed where the server was started.";

/** Nobody has time, or nobody is there behind what stands in front. */
const AWAY = [408, 425, 429, 502, 503, 504];
/** So often a command is said at once to whichever process hears it. */
const TRIES = 8;
/** A server that has not answered for so long is not heard: a connection that has died says nothing by itself. */
export const LIMIT_MS = 20_000;
/** What a step holds, or how a turn went, may be long: it is looked up and sent in the answer. */
export const LONG_LIMIT_MS = 60_000;

/** Say it to the server at `url`, until `signal` aborts. */
export async function post(url: URL, command: Command, signal: AbortSignal): Promise<Outcome> {
  const limit = new AbortController();
  const end = () => limit.abort();
  const isLong = command.type === "inspect" || command.type === "log";
  const timer = setTimeout(end, isLong ? LONG_LIMIT_MS : LIMIT_MS);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    return await exchange(url, command, limit.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

async function exchange(url: URL, command: Command, signal: AbortSignal): Promise<Outcome> {
  let response: Response;
  try {
    for (let tries = 1; ; tries++) {
      response = await request(url, command, signal);
      if (!response.ok) break;
      const answer = (await response.json()) as KernelMessage | Refusal | null;
      if (answer === null || "type" in answer) return { kind: "taken", answer };
      // Another process of the server than the page's stream comes from has heard it. Another connection may lead to that one.
      if (tries === TRIES) return { kind: "away", wait: 0 };
    }
  } catch {
    return { kind: "away", wait: 0 };
  }
  const { status, headers } = response;
  if (status === 401) return { kind: "denied", reason: TOKEN };
  if (AWAY.includes(status)) return { kind: "away", wait: 1000 * (Number(headers.get("retry-after")) || 0) };
  const { error, message, remedy } = await bodyOf(response);
  const reason = [message ?? `the server answered ${status}`, remedy].filter(Boolean).map(sentence).join(" ");
  return { kind: error === "host-refused" || error === "origin-refused" ? "denied" : "refused", reason };
}

function request(url: URL, command: Command, signal: AbortSignal): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(command), signal });
}

interface Refusal {
  error?: string;
  message?: string;
  remedy?: string | null;
}

async function bodyOf(response: Response): Promise<Refusal> {
  try {
    return ((await response.json()) as Refusal | null) ?? {};
  } catch {
    return {};
  }
}

function sentence(words: unknown): string {
  const text = String(words);
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
