// The live chats of the page, as the plugins follow them.
import type { INotebookTracker, NotebookPanel, Output } from "@jupyterlab/notebook";
import { type LiveChat, registry } from "../../src/registry";
import { MIME } from "./kept";

/** Call `told` after every change of the registry or of a chat in it, once for all that come together; returns what ends that. */
export function watchChats(told: () => void): () => void {
  const page = registry();
  const ends = new Map<LiveChat, () => void>();
  let isDue = false;
  const soon = () => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      told();
    });
  };
  const follow = () => {
    for (const [chat, end] of ends) {
      if (page.chats.includes(chat)) continue;
      end();
      ends.delete(chat);
    }
    for (const chat of page.chats) {
      if (!ends.has(chat)) ends.set(chat, chat.subscribe(soon));
    }
    soon();
  };
  const unsubscribe = page.subscribe(follow);
  follow();
  return () => {
    unsubscribe();
    for (const end of ends.values()) end();
  };
}

/** Whether it can still be talked to where a reader would look for it: its kernel is there, and so is its cell. */
export function isLive(chat: LiveChat): boolean {
  return chat.status() !== "disconnected" && chat.kernel() !== null && chat.isShown();
}

/** The chats of the page without those that a kernel still has after a reload, though no cell shows them any more. */
export function chatsIn(notebooks: INotebookTracker): LiveChat[] {
  return registry().chats.filter(
    (chat) =>
      chat.wasShown?.() !== false ||
      chat.kernel() === null ||
      notebooks.find((panel) => kernelOf(panel) === chat.kernel() && keysIn(panel).includes(chat.key)) !== undefined,
  );
}

/** Whether the file keeps a chat that can be read without a kernel. */
export function hasSaved(panel: NotebookPanel): boolean {
  return [...outputsIn(panel)].some(({ data }) => data[MIME] !== undefined);
}

/** The keys of the chats that the notebook's outputs are of, from the top, be they in cells that are not rendered yet. */
function keysIn(panel: NotebookPanel): unknown[] {
  return [...outputsIn(panel)].map(({ metadata }) => (metadata?.[MIME] as { key?: unknown } | undefined)?.key);
}

function* outputsIn(panel: NotebookPanel): Iterable<Output> {
  for (const { outputs } of panel.content.model?.cells ?? []) {
    for (let at = 0; outputs !== undefined && at < outputs.length; at += 1) yield outputs.get(at);
  }
}

/** The chats of a notebook that a reader can see, in the order in which they came: of those that are gone, the ones that none of the same title follows. */
export function chatsOf(kernel: string | null, notebooks: INotebookTracker): LiveChat[] {
  if (kernel === null) return [];
  const own = chatsIn(notebooks).filter((chat) => chat.kernel() === kernel && chat.isShown());
  return own.filter((chat) => isLive(chat) || !own.some((other) => isLive(other) && other.title() === chat.title()));
}

/** The chats of a notebook from the top, with what each is called: of those that have one title, the second has a number, too. */
export function namesIn(panel: NotebookPanel, notebooks: INotebookTracker): Map<LiveChat, string> {
  const keys = keysIn(panel);
  // One whose output is not in the file, as it was taken out of its cell, comes last.
  const place = ({ key }: LiveChat) => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  const chats = chatsOf(kernelOf(panel), notebooks).sort((a, b) => place(a) - place(b));
  const counts = new Map<string, number>();
  return new Map(
    chats.map((chat) => {
      const title = chat.title();
      const count = (counts.get(title) ?? 0) + 1;
      counts.set(title, count);
      return [chat, count === 1 ? title : `${title} ${count}`];
    }),
  );
}

/** The kernel that a notebook runs in, null without one. */
export function kernelOf(panel: NotebookPanel | null | undefined): string | null {
  return panel?.sessionContext.session?.kernel?.id ?? null;
}

/** The status of a chat that may do something; of one that is done, how its last turn ended if not as it should. */
export function statusOf(chat: LiveChat): ReturnType<LiveChat["status"]> | "stopped" | "failed" {
  const status = chat.isAway?.() ? "disconnected" : chat.status();
  return status === "idle" ? (chat.outcome?.()?.status ?? status) : status;
}

/** The same in a few words. */
export function statusWords(chat: LiveChat): string {
  if (chat.isAway?.() && isLive(chat)) return "Server not reached";
  const action = chat.action();
  const pausing = chat.isPausing?.() ? ", will pause" : "";
  switch (chat.status()) {
    case "idle":
      // It has not answered this page yet.
      if (chat.application() === null) return "Waiting for the kernel";
      return `${chat.outcome?.()?.words ?? "Ready"}${pausing}`;
    case "running":
      return `Running${action === null ? "" : ` ${action}`}${pausing}`;
    case "paused":
      return chat.held?.() ?? (action === null ? "Held" : `Held before ${action}`);
    case "disconnected":
      return "Its kernel is gone";
  }
}
