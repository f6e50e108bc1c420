// The launcher's card, and the command behind it: a new notebook made from one of ours, in the current folder.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, InputDialog, showErrorMessage } from "@jupyterlab/apputils";
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser";
import { ILauncher } from "@jupyterlab/launcher";
import { INotebookTracker } from "@jupyterlab/notebook";
import { CATEGORY, PREFIX } from "./commands";
import { fileUrl } from "./files";
import { chatsIcon } from "./icons";
import { freeName, kernelFor } from "./naming";
import type { Template } from "./templates";

/** In a colour that is seen on light and on dark, as it is not the page's own. */
const PICTURE = `data:image/svg+xml,${encodeURIComponent(chatsIcon.svgstr.replace("#616161", "#1e88e5"))}`;
const COMMAND = `${PREFIX}new-notebook`;

export const launcher: JupyterFrontEndPlugin<void> = {
  id: "burr-chat-widget:launcher",
  description: "Makes new notebooks with a chat in them.",
  autoStart: true,
  optional: [ILauncher, IDefaultFileBrowser, INotebookTracker, ICommandPalette],
  activate(
    app: JupyterFrontEnd,
    cards: ILauncher | null,
    browser: IDefaultFileBrowser | null,
    notebooks: INotebookTracker | null,
    palette: ICommandPalette | null,
  ) {
    app.commands.addCommand(COMMAND, {
      label: ({ isCard }) => (isCard ? "Burr chat" : "New Chat Notebook…"),
      caption: "Open a new notebook with a chat in it: empty, or one of the examples",
      icon: ({ isPalette }) => (isPalette ? undefined : chatsIcon),
      execute: async ({ cwd, template }) => {
        // Notebook has no files beside a notebook.
        const beside = notebooks?.currentWidget?.context.path.replace(/\/?[^/]*$/, "");
        const folder = typeof cwd === "string" ? cwd : (browser?.model.path ?? beside ?? "");
        try {
          const chosen = await choose(template);
          // The launcher makes way for what is given back.
          if (chosen !== null) return await open(app, folder, chosen);
        } catch (error) {
          await showErrorMessage("The notebook could not be made", error);
        }
      },
    });
    palette?.addItem({ command: COMMAND, category: CATEGORY, args: { isPalette: true } });
    // Cards of this category have a kernel's picture.
    cards?.add({ command: COMMAND, category: "Notebook", rank: 40, args: { isCard: true }, kernelIconUrl: PICTURE });
  },
};

/** The template of that name, or the one that is chosen in a dialog; null for none. */
async function choose(name: unknown): Promise<Template | null> {
  const { templates } = (await import(/* @vite-ignore */ fileUrl("templates.js"))) as typeof import("./templates");
  const named = templates.find((each) => each.name === name);
  if (named !== undefined) return named;
  const { button, value } = await InputDialog.getItem({
    title: "New chat notebook",
    label: "What is in it:",
    items: templates.map(({ title }) => title),
    okLabel: "Open",
  });
  return (button.accept && templates.find(({ title }) => title === value)) || null;
}

/** Write a copy into the folder, under a name that is free there, and open it. */
async function open(app: JupyterFrontEnd, folder: string, { name, notebook }: Template): Promise<unknown> {
  const { contents, kernelspecs } = app.serviceManager;
  await kernelspecs.ready;
  const kernel = kernelFor(kernelspecs.specs);
  const metadata = { ...notebook.metadata, ...(kernel && { kernelspec: kernel }) };
  // The server sees to it that neither a new file nor a renamed one takes another's place, whoever else makes files meanwhile.
  const made = await contents.newUntitled({ path: folder, type: "notebook" });
  await contents.save(made.path, { type: "notebook", format: "json", content: { ...notebook, metadata } });
  const listed = await contents.get(folder);
  const wanted = [folder, freeName(name, listed.content)].filter(Boolean).join("/");
  // Where somebody had the name first, it stays untitled.
  const { path } = await contents.rename(made.path, wanted).catch(() => made);
  return app.commands.execute("docmanager:open", { path, factory: "Notebook" });
}
