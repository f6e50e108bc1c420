// What is done with the chat of the current notebook, in the palette, the menus and under the keyboard. Menus and shortcuts are in
// schema/plugin.json, where a user can change them.
import { ILabShell, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import type { Widget } from "@lumino/widgets";
import { type ChatCommand, type ChatViewName, registry } from "../../src/registry";
import { currentOf } from "./current";
import { DockedView } from "./docked";
import { keysOf } from "./keys";
import { shortcutsOf } from "./shortcuts";

/** All commands of ours begin so. */
export const PREFIX = "burr-chat-widget:";
export const CATEGORY = "Burr chat";

const LABELS: Record<ChatCommand, string> = {
  focus: "Go to the Chat",
  send: "Send the Message",
  stop: "Stop the Turn",
  pause: "Pause Before the Next Action",
  step: "Step: Run One Action",
  continue: "Continue the Turn",
  "next-breakpoint": "Continue to the Next Breakpoint",
};

const VIEWS: Record<ChatViewName, string> = {
  chat: "Chat",
  graph: "State Machine",
  inspector: "Inspector",
  timeline: "Timeline",
};

export const commands: JupyterFrontEndPlugin<void> = {
  id: "burr-chat-widget:commands",
  description: "Commands for the chat of the current notebook.",
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette, ILabShell],
  activate(app: JupyterFrontEnd, tracker: INotebookTracker, palette: ICommandPalette | null, shell: ILabShell | null) {
    const current = currentOf(tracker);
    const page = registry();

    for (const [command, label] of Object.entries(LABELS) as [ChatCommand, string][]) {
      app.commands.addCommand(PREFIX + command, {
        label,
        isEnabled: () => current.chat?.can(command) ?? false,
        execute: () => {
          if (command === "focus" && current.panel?.isVisible === false) app.shell.activateById(current.panel.id);
          current.chat?.do(command);
        },
      });
      // The palette shows the shortcut that has an item's very arguments: here none, as in schema/plugin.json.
      palette?.addItem({ command: PREFIX + command, category: CATEGORY });
    }

    const open = `${PREFIX}open-view`;
    app.commands.addCommand(open, {
      label: ({ view }) => `Open the ${VIEWS[view as ChatViewName] ?? "View"} Beside the Notebook`,
      isEnabled: ({ view }) => page.offers !== null && (current.chat?.views.includes(view as ChatViewName) ?? false),
      execute: ({ view }) => {
        if (current.chat !== null) page.offers?.openBeside(current.chat, view as ChatViewName);
      },
    });
    for (const view of Object.keys(VIEWS)) {
      palette?.addItem({ command: open, category: CATEGORY, args: { view } });
    }

    const save = `${PREFIX}save-notebook`;
    app.commands.addCommand(save, {
      label: "Save the Notebook of This View",
      isEnabled: () => notebookOf(app.shell.currentWidget, tracker) !== undefined,
      // JupyterLab's own command is about the current widget alone, which is the view.
      execute: async () => {
        const context = notebookOf(app.shell.currentWidget, tracker)?.context;
        await context?.save();
        await context?.createCheckpoint();
      },
    });
    palette?.addItem({ command: save, category: CATEGORY });

    // With what others offer to chats: they come in any order.
    const isShortcut = shortcutsOf(app.commands, PREFIX);
    const offer = () => {
      if (page.offers !== null && page.offers.isShortcut !== isShortcut) page.setOffers({ ...page.offers, isShortcut });
    };
    page.subscribe(offer);
    offer();

    // The shortcuts' selectors look for it: where a command can do nothing, its keys are everybody's.
    const giveKeys = () => {
      const { chat } = current;
      if (chat === null || !areOurs()) delete document.body.dataset.burrChat;
      else document.body.dataset.burrChat = (Object.keys(LABELS) as ChatCommand[]).filter(chat.can).join(" ");
    };
    const areOurs = keysOf(shell, tracker, current, giveKeys);
    current.follow(() => {
      giveKeys();
      app.commands.notifyCommandChanged();
    });
  },
};

/** The notebook that a docked view belongs to; of anything else, none. */
function notebookOf(view: Widget | null, tracker: INotebookTracker): NotebookPanel | undefined {
  return view instanceof DockedView ? tracker.find(({ context }) => context.path === view.docked.path) : undefined;
}
