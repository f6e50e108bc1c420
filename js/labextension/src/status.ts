// The status bar's item: what the chat of the current notebook does, and its kernel. A click leads to the chat.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import { IStatusBar } from "@jupyterlab/statusbar";
import { Signal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";
import type { LiveChat } from "../../src/registry";
import { PREFIX } from "./commands";
import { currentOf } from "./current";
import { namesIn, statusOf, statusWords } from "./live";

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
    button.addEventListener("click", () => void app.commands.execute(`${PREFIX}focus`));
    button.className = "bcw-status-button";
    const [name, says] = [document.createElement("span"), document.createElement("span")];
    name.className = "bcw-status-name";
    button.append(name, says);
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
      name.textContent = chat === null ? "" : nameOf(chat, panel, tracker);
      says.textContent = chat === null ? "" : `: ${statusWords(chat)}${kernelWords(chat, panel)}`;
      const whole = button.textContent ?? "";
      // Else the two are read as if there were a space between them.
      button.setAttribute("aria-label", whole);
      // What is cut off is there in full.
      button.title = `${whole}\nGo to the Chat`;
      changed.emit();
    });
  },
};

/** What the panel calls it. */
function nameOf(chat: LiveChat, panel: NotebookPanel | null, tracker: INotebookTracker): string {
  return (panel && namesIn(panel, tracker).get(chat)) ?? chat.title();
}

/** What the chat's kernel does: of one that is gone its chat has said so, whatever another one does. */
function kernelWords(chat: LiveChat, panel: NotebookPanel | null): string {
  const kernel = panel?.sessionContext.session?.kernel;
  return kernel && chat.status() !== "disconnected" ? ` · kernel ${kernel.status}` : "";
}
