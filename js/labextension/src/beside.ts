// The plugin of the panel and of what is docked beside the notebook.
import { ILabShell, ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { INotebookTracker } from "@jupyterlab/notebook";
import { registry } from "../../src/registry";
import { Docks } from "./docks";
import { ChatsPanel } from "./panel";
import { restoreWithLayout, restoreWithTab } from "./restore";

export const beside: JupyterFrontEndPlugin<void> = {
  id: "burr-chat-widget:beside",
  description: "Lists the chats of the current notebook in a panel, and shows their views beside it.",
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ILabShell, ILayoutRestorer],
  activate(
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    shell: ILabShell | null,
    restorer: ILayoutRestorer | null,
  ): void {
    const docks = new Docks(app, notebooks, shell);
    const panel = new ChatsPanel(notebooks, docks);
    docks.side = panel;
    const page = registry();
    page.setOffers({ ...page.offers, openBeside: (chat, view) => docks.open(chat, view) });
    if (restorer !== null) {
      app.shell.add(panel, "right", { rank: 900 });
      restorer.add(panel, panel.id);
      restoreWithLayout(app, docks, restorer);
    } else {
      // Notebook has a page for each notebook, and others, where the panel would be of no use.
      const begin = () => {
        if (panel.isAttached || panel.parent !== null) return;
        app.shell.add(panel, "right", { rank: 900 });
        restoreWithTab(docks, notebooks, app.restored);
      };
      if (notebooks.currentWidget !== null) begin();
      notebooks.widgetAdded.connect(begin);
    }
  },
};
