// Docked views survive a reload: in JupyterLab with the layout, in Notebook with the tab's session, since it keeps no layout.
import type { ILayoutRestorer, JupyterFrontEnd } from "@jupyterlab/application";
import { WidgetTracker } from "@jupyterlab/apputils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { DockedView } from "./docked";
import type { Docks } from "./docks";
import type { Docked } from "./follow";

const COMMAND = "burr-chat-widget:restore-view";
const NAME = "burr-chat-widget-docked";

/** Keep what is docked in the layout. */
export function restoreWithLayout(app: JupyterFrontEnd, docks: Docks, restorer: ILayoutRestorer): void {
  const tracker = new WidgetTracker<DockedView>({ namespace: NAME });
  docks.onChange((view) => {
    if (view === null) return;
    if (tracker.has(view)) void tracker.save(view);
    else void tracker.add(view);
  });
  app.commands.addCommand(COMMAND, {
    label: "Show a docked view of a chat again",
    execute: (args) => {
      docks.show(args as unknown as Docked);
    },
  });
  void restorer.restore(tracker, {
    command: COMMAND,
    name: ({ docked }) => docked.id,
    args: ({ docked }) => ({ ...docked }),
  });
}

/** Keep what is docked in the tab: of each notebook that is opened in it, what was docked before. */
export function restoreWithTab(docks: Docks, notebooks: INotebookTracker, ready: Promise<unknown>): void {
  const known = read();
  docks.onChange(() => {
    const now = docks.views.map(({ docked }) => docked);
    const paths = new Set(now.map(({ path }) => path));
    const open = (path: string) => notebooks.find(({ context }) => context.path === path) !== undefined;
    // What is of a notebook that is not open is kept for when it is.
    sessionStorage.setItem(
      NAME,
      JSON.stringify([...now, ...known.filter(({ path }) => !paths.has(path) && !open(path))]),
    );
  });
  const restore = ({ context }: NotebookPanel) => {
    const there = known.filter(({ path }) => path === context.path).map((docked) => docks.show(docked));
    const [first] = there;
    if (first !== undefined) void ready.then(() => docks.activate(first));
  };
  notebooks.forEach(restore);
  notebooks.widgetAdded.connect((_, panel) => restore(panel));
}

function read(): Docked[] {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? "[]") as Docked[];
  } catch {
    return [];
  }
}
