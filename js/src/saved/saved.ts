// A chat as it was saved, in its real views: it can be read, looked into and replayed, and nothing runs. The entry of a module that a
// page of its own unpacks, and that the extension of JupyterLab loads where a notebook has no kernel.
import { element, showPanes } from "../page/layout";
import "../page/page.css";
import type { SavedChat } from "../protocol.gen";
import { createSession } from "../session";
import "../theme.css";
import type { LoadAsset } from "../transport/assets";
import { KERNEL, type Peer } from "../transport/peer";
import { showError, type ViewName } from "../views";
import { createSavedChannel } from "./channel";
import { openDocument, savedWords } from "./document";
import "./saved.css";

const NAMES = { graph: "State machine", inspector: "Inspector", timeline: "Timeline" } as const;

export interface SavedOptions {
  /** Those that stand beside the chat, in turns. */
  views?: readonly (ViewName & keyof typeof NAMES)[];
  /** Fetches modules on demand. */
  load: LoadAsset;
  signal: AbortSignal;
  /** What stands in the composer's place. */
  closed?: string;
}

/** Show a saved chat in `el` until `signal` aborts; where that cannot be done, why. */
export function mountSaved(
  el: HTMLElement,
  data: unknown,
  {
    views = ["graph", "inspector", "timeline"],
    load,
    signal,
    closed = "Saved with the notebook: run the cell to go on.",
  }: SavedOptions,
): void {
  const peer = savedPeer(closed);
  const root = element("div", "bcw-saved-chat");
  el.append(root);
  signal.addEventListener("abort", () => root.remove());
  let chat: SavedChat;
  try {
    chat = openDocument(data);
  } catch (error) {
    const why = element("p", "bcw bcw-saved-refused", { role: "alert" });
    why.textContent = (error as Error).message;
    root.append(why);
    return;
  }
  try {
    const { context, close } = createSession(createSavedChannel(chat), { peer, load });
    signal.addEventListener("abort", close);
    const when = element("span", "bcw-saved-when");
    when.textContent = savedWords(chat);
    const panes = views.map((view) => ({ view, name: NAMES[view] }));
    showPanes(root, panes, context, when, signal);
  } catch (error) {
    showError(root, error, peer);
  }
}

/** Show it as a page of its own. */
export function showPage(root: HTMLElement, data: unknown, load: LoadAsset): void {
  const closed = "A saved page: the conversation goes on in its notebook.";
  mountSaved(root, data, { load, signal: new AbortController().signal, closed });
  root.firstElementChild?.classList.add("bcw-page-window");
}

function savedPeer(closed: string): Peer {
  return { ...KERNEL, name: "saved chat", live: "Saved", closed, again: "Reload the page" };
}
