// The status bar's item: what the chat of the current notebook does, and its kernel. A click leads to the chat.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import { IStatusBar } from "@jupyterlab/statusbar";
import { Signal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";
import type { LiveChat } from "../../src/registry";
import { PREFIX } from "./commands";
import { currentOf } from "./current";
import { statusOf, statusWords } from "./live";

export const status: JupyterFrontEndPlugin<void> = {
  id: "burr-chat-widget:status",
  description: "Shows in the status bar what the chat of the current notebook does.",
  autoStart: true,
  requires: [INotebookTracker],
  optional: [IStatusBar],
  activate(app: JupyterFrontEnd, tracker: INotebookTracker, bar: IStatusBar | null) {
    if (bar === null) return; // as in Notebook
    const current = currentOf(tracker);
    const button = document.createElement("button");
    button.type = "button";
    button.title = "Go to the Chat";
    button.addEventListener("click", () => void app.commands.execute(`${PREFIX}focus`));
    button.className = "bcw-status-button";
    const item = new Widget();
    // As the bar's own items of text.
    item.addClass("jp-StatusBar-TextItem");
    item.addClass("jp-mod-highlighted");
    item.node.append(button);

    const changed = new Signal<unknown, void>(item);
    bar.registerStatusItem("burr-chat-widget:status", {
      item,
      align: "left",
      rank: 3,
      isActive: () => current.chat !== null,
      activeStateChanged: changed,
    });
    current.follow(() => {
      const { chat, panel } = current;
      button.dataset.status = chat === null ? "" : statusOf(chat);
      button.textContent = chat === null ? "" : `Chat: ${statusWords(chat)}${kernelWords(chat, panel)}`;
      changed.emit();
    });
  },
};

/** What the chat's kernel does: of one that is gone its chat has said so, whatever another one does. */
function kernelWords(chat: LiveChat, panel: NotebookPanel | null): string {
  const kernel = panel?.sessionContext.session?.kernel;
  return kernel && chat.status() !== "disconnected" ? ` · kernel ${kernel.status}` : "";
}
