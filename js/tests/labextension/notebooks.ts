// Notebooks as JupyterLab has them, with what is asked of them here.
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { Signal } from "@lumino/signaling";

/** A notebook of that kernel, without outputs. */
export function fakeNotebook(kernel: string, label = "a.ipynb") {
  const panel = {
    title: { label },
    content: { model: { cells: [] } },
    context: { path: label, pathChanged: new Signal<object, string>({}), ready: Promise.resolve() },
    sessionContext: {
      session: { kernel: { id: kernel } },
      kernelChanged: new Signal<object, object>({}),
      statusChanged: new Signal<object, object>({}),
    },
  };
  return { panel: panel as unknown as NotebookPanel, is: panel };
}

/** What follows notebooks, where these are open already; the first is the current one. */
export function fakeTracker(...panels: NotebookPanel[]): INotebookTracker {
  const tracker = {
    currentWidget: panels[0] ?? null,
    currentChanged: new Signal<object, NotebookPanel | null>({}),
    widgetAdded: new Signal<object, NotebookPanel>({}),
    find: (test: (panel: NotebookPanel) => boolean) => panels.find(test),
    forEach: (visit: (panel: NotebookPanel) => void) => panels.forEach(visit),
  };
  return tracker as unknown as INotebookTracker;
}
