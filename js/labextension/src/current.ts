// The chat that commands speak of: of those of the current notebook, the one that had the focus last, or else the one shown last; when
// there is none any more, the one that it had, as long as a cell shows it.
// While the keyboard is in a view outside of the notebook, that may be another notebook's: then it is the chat of that view.
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { type LiveChat, registry } from "../../src/registry";
import { chatsOf, isLive, kernelOf, watchChats } from "./live";

export interface Current {
  /** The notebook that the chat is in; without one, the current notebook. */
  readonly panel: NotebookPanel | null;
  readonly chat: LiveChat | null;
  /** Call the listener now, and when one of them has changed or anything that they tell. */
  follow(listener: () => void): void;
}

const known = new WeakMap<INotebookTracker, Current>();

/** The one that follows the tracker. */
export function currentOf(tracker: INotebookTracker): Current {
  const made = known.get(tracker) ?? createCurrent(tracker);
  known.set(tracker, made);
  return made;
}

function createCurrent(tracker: INotebookTracker): Current {
  const listeners: (() => void)[] = [];
  /** The key of the one that had the focus last, by the kernel's id: the chat itself may go. */
  const focused = new Map<string, string>();
  /** Which it was last. */
  const had = new WeakMap<NotebookPanel, LiveChat>();
  let panel: NotebookPanel | null = null;
  let chat: LiveChat | null = null;
  /** The one whose view outside of its cell had the keyboard after all notebooks. */
  let outside: LiveChat | null = null;

  function look(): void {
    const last = registry().focused;
    const of = last?.kernel();
    if (last && of) focused.set(of, last.key);
    const kernel = kernelOf(panel);
    const chats = chatsOf(kernel, tracker);
    if (outside !== null && !(isLive(outside) && registry().chats.includes(outside))) outside = null;
    const own = chats.find(({ key }) => key === focused.get(kernel ?? "")) ?? chats.at(-1) ?? left(panel);
    if (panel !== null && own !== null) had.set(panel, own);
    chat = outside ?? own;
    for (const listener of listeners) listener();
  }

  /** The one that a notebook without its kernel shows still, and that says what has become of it. */
  function left(notebook: NotebookPanel | null): LiveChat | null {
    const last = notebook && had.get(notebook);
    return last?.isShown() && registry().chats.includes(last) ? last : null;
  }

  function lookAt(notebook: NotebookPanel | null): void {
    outside = null;
    panel?.sessionContext.kernelChanged.disconnect(look);
    panel?.sessionContext.statusChanged.disconnect(look);
    panel = notebook;
    panel?.sessionContext.kernelChanged.connect(look);
    panel?.sessionContext.statusChanged.connect(look);
    look();
  }

  tracker.currentChanged.connect((_, notebook) => lookAt(notebook));
  lookAt(tracker.currentWidget);
  watchChats(look);
  document.addEventListener("focusin", ({ target }) => {
    const before = outside;
    // The palette and the menus are about what had the keyboard before them.
    if (!(target instanceof Element)) return;
    if (target.closest(".bcw-docked:has(.bcw)")) outside = registry().focused;
    else if (target.closest(".jp-NotebookPanel")) outside = null;
    if (outside !== before) look();
  });
  return {
    get panel() {
      return (outside && tracker.find((each) => kernelOf(each) === outside?.kernel())) ?? panel;
    },
    get chat() {
      return chat;
    },
    follow(listener) {
      listeners.push(listener);
      listener();
    },
  };
}
