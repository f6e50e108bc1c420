// Saved chats: what a notebook's file keeps of one is shown in its real views, where there is no kernel that has it.
import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { INotebookTracker } from "@jupyterlab/notebook";
import { IRenderMimeRegistry, type MimeModel } from "@jupyterlab/rendermime";
import { Widget } from "@lumino/widgets";
import { MIME } from "./kept";
import styles from "./mime.css";
import { keepFresh } from "./refresh";
import { fetchViews, load } from "./views";

/** Before `text/html`, which has 50: the same without our views. */
const RANK = 40;

export const saved: JupyterFrontEndPlugin<void> = {
  id: "burr-chat-widget:saved",
  description: "Shows the chats that a notebook has kept, without their kernel.",
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker],
  activate(_app, registry: IRenderMimeRegistry, notebooks: INotebookTracker | null) {
    const style = document.createElement("style");
    style.textContent = styles;
    document.head.append(style);
    // Not in a notebook that is not trusted: that shows the HTML, without its active parts.
    registry.addFactory({ safe: false, mimeTypes: [MIME], createRenderer: () => new SavedOutput() }, RANK);
    if (notebooks !== null) keepFresh(notebooks);
  },
};

/** One output: made while it can be seen, and not where the live chat hides it (see widget.css). */
class SavedOutput extends Widget {
  #data: unknown;
  #shown: AbortController | null = null;
  #seen = new IntersectionObserver((entries) => {
    if (entries.at(-1)?.isIntersecting) void this.#show();
  });
  /** Not scrolled away: it has no place at all, be that where it can be seen or further down. */
  #place = new ResizeObserver(() => {
    if (this.node.offsetWidth === 0) this.#hide();
  });

  constructor() {
    super();
    this.addClass("bcw-saved");
    this.addClass("bcw-saved-output");
    this.#seen.observe(this.node);
    this.#place.observe(this.node);
  }

  async renderModel({ data }: MimeModel): Promise<void> {
    this.#data = data[MIME];
    this.#hide();
    // It tells anew whether it is seen.
    this.#seen.unobserve(this.node);
    this.#seen.observe(this.node);
  }

  override dispose(): void {
    this.#seen.disconnect();
    this.#place.disconnect();
    this.#hide();
    super.dispose();
  }

  #hide(): void {
    this.#shown?.abort();
    this.#shown = null;
  }

  async #show(): Promise<void> {
    if (this.#shown !== null || this.#data === undefined) return;
    const shown = new AbortController();
    this.#shown = shown;
    try {
      const { mountSaved } = await fetchViews();
      if (!shown.signal.aborted) mountSaved(this.node, this.#data, { load, signal: shown.signal });
    } catch (error) {
      this.node.textContent = `The saved chat could not be shown. Reload the page to try again. (${error})`;
    }
  }
}
