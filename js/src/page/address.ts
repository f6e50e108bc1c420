// Where the page's server and its conversation are: the page says so itself, in the attributes of an element.
import type { Peer } from "../transport/peer";

export interface Place {
  /** The address of the server's own things: begins a conversation, and modules are below it. */
  base: URL;
  /** That of the conversation. */
  chat: URL;
  /** What the server shows and allows besides; its view says, too, what of that it withholds. */
  exposed: readonly string[];
}

export function placeOf({ dataset }: HTMLElement, page: string): Place {
  const { base = ".", project = "", app = "", expose = "" } = dataset;
  const root = new URL(`${base}/`, page);
  const chat = new URL(`chats/${encodeURIComponent(project)}/${encodeURIComponent(app)}/`, root);
  return { base: root, chat, exposed: expose.split(" ").filter(Boolean) };
}

/** The server that a page talks to, in words. */
export const SERVER: Peer = {
  name: "server",
  late: "No answer",
  busy: "The server does not answer.",
  gone: "The server is out of reach.",
  remedy: "Reload the page to try again.",
  again: "Reload the page",
  live: "Connected",
  closed: null,
};
