// Where keys are the chat's: in its notebook, in our panel and in views of it. In another document, such as a text file beside the
// notebook, they are that document's; the palette and the menus are about the notebook still.
import type { ILabShell } from "@jupyterlab/application";
import type { INotebookTracker } from "@jupyterlab/notebook";
import { registry } from "../../src/registry";
import type { Current } from "./current";

/** Tells whether keys that are pressed now are the current chat's; `changed` is called when that may be another answer than before.
 * `shell` is JupyterLab's own: Notebook has one document in a page. */
export function keysOf(
  shell: ILabShell | null,
  tracker: INotebookTracker,
  current: Current,
  changed: () => void,
): () => boolean {
  if (shell === null) return () => true;
  shell.currentChanged?.connect(changed);
  document.addEventListener("focusin", changed);
  document.addEventListener("focusout", changed);
  return () => {
    const focused = document.activeElement;
    if (focused?.closest(".bcw-panel, .bcw-docked")) return true;
    // In a view of a cell's output for example, which is a document of its own.
    if (focused?.closest(".bcw") && registry().focused === current.chat) return true;
    const { currentWidget } = shell;
    return currentWidget !== null && (currentWidget === tracker.currentWidget || currentWidget.hasClass("bcw-docked"));
  };
}
