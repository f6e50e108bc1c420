// A view of a chat outside of its cell: a widget of the application that shows the chat's own view, or says what it waits for.
import type { Message } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import { render } from "preact";
import { BesideIcon } from "../../src/BesideIcon";
import { type ChatViewName, type LiveChat, registry } from "../../src/registry";
import type { Docked, Found } from "./follow";
import { chatsIcon } from "./icons";

export const VIEW_NAMES: Readonly<Record<ChatViewName, string>> = {
  chat: "Chat",
  graph: "State machine",
  inspector: "Inspector",
  timeline: "Timeline",
};

const BESIDE = "Beside the notebook";
/** Of a chat that does not say it itself. */
const GONE = "Its kernel is gone. Run its cell again to go on.";

/** The kernel of the notebook that a chat lives in: null while it has none, undefined where the notebook is not open. */
export type NotebookKernel = string | null | undefined;

/** What a docked view asks of those who keep it. */
export interface Keeper {
  /** What is to be remembered of it has changed. */
  kept(view: DockedView): void;
  openNotebook(view: DockedView): void;
  /** Null where there is but one place. */
  move: ((view: DockedView, place: Docked["place"]) => void) | null;
}

export class DockedView extends Widget {
  /** What is remembered of it. */
  docked: Docked;
  #chat: LiveChat | null = null;
  /** What its chat is called now, and was asked last. */
  #called: { name: string; asked: string | null };
  /** Whether the one that was shown last was closed. */
  #isClosed = false;
  #leaving = new AbortController();
  readonly #keeper: Keeper;
  readonly #bar = document.createElement("div");
  readonly #view = document.createElement("div");

  constructor(docked: Docked, keeper: Keeper) {
    super();
    this.docked = docked;
    this.#called = { name: docked.title, asked: null };
    this.#keeper = keeper;
    this.id = `burr-chat-widget-${docked.id}`;
    this.addClass("bcw-docked");
    this.node.dataset.shows = docked.view;
    // So that the widget has the keyboard's focus when it is activated.
    this.node.tabIndex = -1;
    // All of it stands for its chat, what is around the chat's own view too.
    this.node.addEventListener("focusin", () => this.#chat && registry().setFocused(this.#chat));
    this.#view.className = "bcw-docked-view";
    this.node.append(this.#bar, this.#view);
    this.title.closable = true;
    this.title.icon = chatsIcon;
    this.#name();
  }

  /** Show what was found of its chat; `names` are those of the notebook's chats. */
  follow(found: Found, kernel: NotebookKernel, names: ReadonlyMap<LiveChat, string>): void {
    const { chat } = found;
    this.#noteClosed(chat, kernel);
    this.#mount(chat);
    if (chat !== null && chat.application() !== null) {
      this.keep({ chat: chat.key, title: chat.title(), application: chat.application() });
    }
    const name = (chat && names.get(chat)) ?? this.docked.title;
    this.#called = { name, asked: chat?.asked?.() ?? null };
    this.#name();
    this.#tell(found, kernel, names);
  }

  /** Remember what has changed. */
  keep(changes: Partial<Docked>): void {
    const names = Object.keys(changes) as (keyof Docked)[];
    if (names.every((name) => this.docked[name] === changes[name])) return;
    this.docked = { ...this.docked, ...changes };
    this.#name();
    this.#keeper.kept(this);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#leaving.abort();
    render(null, this.#bar);
    super.dispose();
  }

  protected override onCloseRequest(message: Message): void {
    super.onCloseRequest(message);
    this.dispose();
  }

  protected override onActivateRequest(): void {
    this.node.focus({ preventScroll: true });
  }

  #name(): void {
    const { view, path } = this.docked;
    const { name, asked } = this.#called;
    // The view's own name comes first: the end is cut where there is little room.
    this.title.label = view === "chat" ? name : `${VIEW_NAMES[view]}: ${name}`;
    const words = `${VIEW_NAMES[view]} of “${name}”`;
    this.title.caption = `${words} in ${path}${asked === null ? "" : `\n${asked}`}`;
    // In a tab of the main area that tab names it; in the panel nothing else does.
    this.node.setAttribute("aria-label", words);
  }

  /** A chat that leaves the page while its kernel is there was closed in it. */
  #noteClosed(chat: LiveChat | null, kernel: NotebookKernel): void {
    if (chat !== null) this.#isClosed = false;
    else if (this.#chat !== null) this.#isClosed = kernel != null && this.#chat.status() !== "disconnected";
  }

  #mount(chat: LiveChat | null): void {
    if (chat === this.#chat) return;
    this.#leaving.abort();
    this.#leaving = new AbortController();
    this.#chat = chat;
    chat?.mount(this.docked.view, this.#view, this.#leaving.signal);
  }

  #tell(found: Found, kernel: NotebookKernel, names: ReadonlyMap<LiveChat, string>): void {
    const { view, place } = this.docked;
    const { move } = this.#keeper;
    const note = noteOf(this.docked.path, this.#called.name, found, kernel, this.#isClosed);
    render(
      <>
        {place === "panel" && (
          <header class="bcw-docked-header">
            <span class="bcw-docked-title" title={this.title.caption}>
              {this.title.label}
            </span>
            {move && (
              <button
                type="button"
                class="bcw-panel-button bcw-docked-icon"
                aria-label={BESIDE}
                title={BESIDE}
                onClick={() => move(this, "main")}
              >
                <BesideIcon />
              </button>
            )}
            <button
              type="button"
              class="bcw-panel-button bcw-docked-icon"
              aria-label={`Close ${VIEW_NAMES[view]}`}
              onClick={() => this.close()}
            >
              ×
            </button>
          </header>
        )}
        {note && (
          <div class="bcw-docked-note" role="status">
            <p>{note}</p>
            {found.chat === null && kernel === undefined && (
              <button type="button" class="bcw-panel-button" onClick={() => this.#keeper.openNotebook(this)}>
                Open the notebook
              </button>
            )}
            {kernel !== undefined &&
              found.others.map((other) => (
                <button
                  type="button"
                  key={other.key}
                  class="bcw-panel-button"
                  onClick={() => this.follow({ chat: other, others: [] }, kernel, names)}
                >
                  Show “{names.get(other) ?? other.title()}” of this kernel
                </button>
              ))}
          </div>
        )}
      </>,
      this.#bar,
    );
  }
}

/** What a reader has to know of a view that is not, or no more, what it was; null where there is nothing. */
function noteOf(path: string, name: string, { chat }: Found, kernel: NotebookKernel, isClosed: boolean): string | null {
  if (chat?.status() === "disconnected") return `“${name}” is disconnected. ${chat.lost?.() ?? GONE}`;
  if (chat !== null) return null;
  if (kernel === undefined) return `“${name}” is in ${path}, which is not open.`;
  if (kernel === null) return `“${name}” waits for a kernel of ${path}.`;
  if (isClosed) return `“${name}” was closed. Run its cell in ${path} to begin another one.`;
  return `“${name}” is not there. Run its cell in ${path} to show it here.`;
}
