// Keeps what a notebook has of its chats up to date after the page was reloaded: then Jupyter no longer knows which output it is that a
// kernel brings up to date, but each names its chat, and which view it is of.
import type { INotebookTracker, NotebookPanel, Output } from "@jupyterlab/notebook";
import { MIME } from "./kept";

export function keepFresh(notebooks: INotebookTracker): void {
  notebooks.forEach(follow);
  notebooks.widgetAdded.connect((_, panel) => follow(panel));
}

function follow(panel: NotebookPanel): void {
  panel.sessionContext.iopubMessage.connect((_, { header, content }) => {
    if (header.msg_type !== "update_display_data") return;
    const told = content as unknown as Output;
    const name = nameOf(told);
    if (name !== null) bringUpToDate(panel, name, told);
  });
}

function bringUpToDate(panel: NotebookPanel, name: string, told: Output): void {
  for (const cell of panel.content.model?.cells ?? []) {
    const { outputs } = cell;
    if (outputs === undefined) continue;
    for (let at = 0; at < outputs.length; at += 1) {
      const output = outputs.get(at);
      // Jupyter has done it already, where it knows the output.
      if (nameOf(output) !== name || isSame(output, told)) continue;
      const { data, metadata = {} } = told;
      outputs.set(at, { output_type: "display_data", data, metadata });
    }
  }
}

/** Null of an output that is none of these. */
function nameOf({ metadata }: Output): string | null {
  const { chat, view } = (metadata?.[MIME] ?? {}) as { chat?: unknown; view?: unknown };
  return chat === undefined ? null : JSON.stringify([chat, view]);
}

function isSame(one: Output, other: Output): boolean {
  return JSON.stringify(one.data) === JSON.stringify(other.data);
}
