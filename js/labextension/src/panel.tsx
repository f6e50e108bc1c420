// The panel at the right: the live chats of the current notebook, with what is shown of them outside of their cells.
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { Panel, Widget } from "@lumino/widgets";
import { render } from "preact";
import type { ChatViewName, LiveChat } from "../../src/registry";
import type { DockedView } from "./docked";
import { VIEW_NAMES } from "./docked";
import type { Docks, SidePlace } from "./docks";
import type { Docked } from "./follow";
import { chatsIcon } from "./icons";
import { hasSaved, namesIn, statusOf, statusWords, watchChats } from "./live";

export class ChatsPanel extends Panel implements SidePlace {
  constructor(notebooks: INotebookTracker, docks: Docks) {
    super();
    this.id = "burr-chat-widget-panel";
    this.addClass("bcw-panel");
    this.title.icon = chatsIcon;
    this.title.caption = "Burr chats";
    // Notebook shows this in its menu, and JupyterLab beside the icon where there is none.
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", "Burr chats");
    this.addWidget(new ChatList(notebooks, docks));
  }

  hold(view: DockedView): void {
    // The main area gives it the role that it has there.
    view.node.setAttribute("role", "region");
    this.addWidget(view);
  }
}

class ChatList extends Widget {
  readonly #notebooks: INotebookTracker;
  readonly #docks: Docks;
  #place: Docked["place"] = "main";

  constructor(notebooks: INotebookTracker, docks: Docks) {
    super();
    this.#notebooks = notebooks;
    this.#docks = docks;
    this.addClass("bcw-panel-list");
    const show = () => this.#show();
    watchChats(show);
    docks.onChange(show);
    notebooks.currentChanged.connect(show);
    const follow = (panel: NotebookPanel) => {
      panel.sessionContext.kernelChanged.connect(show);
      panel.context.pathChanged.connect(show);
      void panel.context.ready.then(show);
    };
    notebooks.forEach(follow);
    notebooks.widgetAdded.connect((_, panel) => follow(panel));
  }

  #show(): void {
    const notebook = this.#notebooks.currentWidget;
    const chats = notebook === null ? [] : [...namesIn(notebook, this.#notebooks)];
    render(
      notebook === null ? (
        <p class="bcw-panel-empty">Open a notebook: its chats are listed here.</p>
      ) : (
        <>
          <h2 class="bcw-panel-heading">Chats in {notebook.title.label}</h2>
          {chats.length === 0 ? (
            <p class="bcw-panel-empty">
              {hasSaved(notebook)
                ? "None is connected now. Those that are saved can be read in the notebook. "
                : "There is none now. "}
              Run a cell that ends with <code>BurrChat(app)</code>, and it is listed here; its views can then stay in
              sight beside the notebook.
            </p>
          ) : (
            <>
              {this.#docks.hasRoomBeside && this.#choice()}
              <ul class="bcw-panel-chats" aria-label="Chats">
                {chats.map(([chat, name]) => this.#row(chat, name))}
              </ul>
            </>
          )}
        </>
      ),
      this.node,
    );
  }

  #choice() {
    const places = [
      ["main", "beside the notebook"],
      ["panel", "in this panel"],
    ] as const;
    return (
      // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
      <div class="bcw-panel-choice" role="group" aria-label="Where views are opened">
        <span class="bcw-panel-words">Open views</span>
        {places.map(([place, words]) => (
          <button
            type="button"
            key={place}
            class="bcw-panel-button"
            aria-pressed={this.#place === place}
            onClick={() => {
              this.#place = place;
              this.#show();
            }}
          >
            {words}
          </button>
        ))}
      </div>
    );
  }

  #row(chat: LiveChat, name: string) {
    const asked = chat.asked?.() ?? null;
    const words = statusWords(chat);
    return (
      <li key={chat.key} class="bcw-panel-chat" data-status={statusOf(chat)}>
        <button type="button" class="bcw-panel-title" title="Go to this chat" onClick={() => chat.do("focus")}>
          {name}
        </button>
        <span class="bcw-panel-status" title={words}>
          {words}
        </span>
        {asked !== null && (
          <span class="bcw-panel-asked" dir="auto" title={asked}>
            {asked}
          </span>
        )}
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls */}
        <div class="bcw-panel-views" role="group" aria-label={`Views of ${name}`}>
          {chat.views.map((view) => this.#toggle(chat, view))}
        </div>
      </li>
    );
  }

  /** Pressed while the view is where views are opened now. */
  #toggle(chat: LiveChat, view: ChatViewName) {
    const there = this.#docks.find(chat, view);
    return (
      <button
        type="button"
        key={view}
        class="bcw-panel-button"
        aria-pressed={there !== undefined && this.#docks.isAt(there, this.#place)}
        onClick={() => this.#docks.toggle(chat, view, this.#place)}
      >
        {VIEW_NAMES[view]}
      </button>
    );
  }
}
