// Which chat a docked view shows: its own as long as that is there, and after that the one that has taken its place, since the
// kernel was restarted or the cell was run again.
import type { ChatViewName, LiveChat } from "../../src/registry";
import { isLive } from "./live";

/** What is kept of a docked view, also over a reload: plain values. */
export interface Docked {
  /** Its own name. */
  id: string;
  /** The notebook's path. */
  path: string;
  view: ChatViewName;
  /** The key of the chat, and what it may be known by when that is gone. */
  chat: string;
  title: string;
  application: string | null;
  place: "main" | "panel";
}

/** What a docked view shows now. */
export interface Found {
  chat: LiveChat | null;
  /** Others that the reader may have meant, where it cannot be told. */
  others: readonly LiveChat[];
}

/** Follows chats over restarts. Stages of each: there, lost (from then on the ones that come are candidates), replaced. */
export class Followed {
  /** By key of a chat that was lost: those that were there then. */
  readonly #before = new Map<string, Pick<WeakSet<LiveChat>, "has">>();
  /** By key: the chat that took its place. */
  readonly #successors = new Map<string, string>();

  /** Find it among the chats of the page; `kernel` is that of its notebook, undefined where that is not open. */
  find(docked: Docked, chats: readonly LiveChat[], kernel: string | null | undefined): Found {
    // Those of a notebook that was closed stay on the page, without a kernel; when it is open again they are there twice.
    const same = chats.filter(({ key }) => key === docked.chat);
    const own = same.find((chat) => chat.kernel() !== null) ?? (kernel === undefined ? null : (same.at(-1) ?? null));
    if (own !== null && isLive(own)) {
      this.#before.delete(docked.chat);
      return { chat: own, others: [] };
    }
    if (own !== null && !this.#before.has(own.key)) this.#before.set(own.key, new WeakSet(chats));
    const there = chats.filter((chat) => chat !== own && kernel != null && chat.kernel() === kernel && isLive(chat));
    const next = this.#next(docked, there);
    if (next !== undefined) {
      this.#successors.set(docked.chat, next.key);
      return { chat: next, others: [] };
    }
    return { chat: own, others: own === null ? there.filter((chat) => chat.title() === docked.title) : [] };
  }

  #next({ chat: key, application, title }: Docked, there: readonly LiveChat[]): LiveChat | undefined {
    const known = this.#successors.get(key);
    const before = this.#before.get(key);
    const taken = [...this.#successors].flatMap(([lost, next]) => (lost === key ? [] : [next]));
    // What the kernel has not told of yet cannot be known by it.
    const free = there.filter((chat) => !before?.has(chat) && !taken.includes(chat.key) && chat.application() !== null);
    return (
      there.find((chat) => chat.key === known) ??
      free.find((chat) => chat.application() === application) ??
      // After a reload the one that is meant may be about to come.
      (before && free.find((chat) => chat.title() === title))
    );
  }
}
