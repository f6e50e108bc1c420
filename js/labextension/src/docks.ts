// The docked views: where each goes, which chat it shows, and what becomes of it when its notebook is renamed or closed.
import type { AddOptions, ILabShell, JupyterFrontEnd } from "@jupyterlab/application";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { ChatViewName, LiveChat } from "../../src/registry";
import { randomName } from "../../src/transport/names";
import { DockedView, type Keeper } from "./docked";
import { type Docked, Followed } from "./follow";
import { chatsIn, kernelOf, namesIn, watchChats } from "./live";

/** Where views are shown that are not in the main area. */
export interface SidePlace {
  readonly id: string;
  readonly isVisible: boolean;
  /** Take the view in. */
  hold(view: DockedView): void;
}

export class Docks implements Keeper {
  readonly #app: JupyterFrontEnd;
  readonly #notebooks: INotebookTracker;
  readonly #shell: ILabShell | null;
  readonly #views = new Set<DockedView>();
  readonly #followed = new Followed();
  readonly #listeners = new Set<(view: DockedView | null) => void>();
  /** Set before any view is opened. */
  side: SidePlace | null = null;

  /** `shell` is JupyterLab's own, null in Notebook. */
  constructor(app: JupyterFrontEnd, notebooks: INotebookTracker, shell: ILabShell | null) {
    this.#app = app;
    this.#notebooks = notebooks;
    this.#shell = shell;
    watchChats(() => this.#refresh());
    notebooks.forEach((panel) => {
      this.#watch(panel);
    });
    notebooks.widgetAdded.connect((_, panel) => this.#watch(panel));
  }

  get views(): readonly DockedView[] {
    return [...this.#views];
  }

  /** Whether views can stand beside the notebook: not where the application shows one document at a time. */
  get hasRoomBeside(): boolean {
    return this.#shell !== null && this.#shell.mode === "multiple-document";
  }

  /** Call the listener when views came or went, or what is kept of one has changed: of the one that was added or changed, else of none. */
  onChange(listener: (view: DockedView | null) => void): void {
    this.#listeners.add(listener);
  }

  find(chat: LiveChat, view: ChatViewName): DockedView | undefined {
    return this.views.find(({ docked }) => docked.chat === chat.key && docked.view === view);
  }

  /** Whether it is shown where views are opened when that is chosen. */
  isAt(view: DockedView, place: Docked["place"]): boolean {
    return view.docked.place === place || !this.hasRoomBeside;
  }

  /** Open a view there, or move it there; where it is there and in sight, close it. */
  toggle(chat: LiveChat, view: ChatViewName, place: Docked["place"]): void {
    const there = this.find(chat, view);
    if (there === undefined) this.open(chat, view, place);
    else if (!this.isAt(there, place)) this.move?.(there, place);
    else if (there.isVisible) there.close();
    else this.activate(there);
  }

  /** Show a view of the chat outside of its cell; where it is shown already, go there. */
  open(chat: LiveChat, view: ChatViewName, place: Docked["place"] = "main"): void {
    const there = this.find(chat, view);
    if (there !== undefined) {
      this.activate(there);
      return;
    }
    const kernel = chat.kernel();
    const notebook = this.#notebooks.find((panel) => kernel !== null && kernelOf(panel) === kernel);
    const current = this.#notebooks.currentWidget;
    const path = (current !== null && kernelOf(current) === kernel ? current : notebook)?.context.path ?? "";
    const known = { chat: chat.key, title: chat.title(), application: chat.application() };
    this.activate(this.show({ id: randomName(), path, view, place: this.hasRoomBeside ? place : "panel", ...known }));
  }

  /** Show what was docked; nothing is activated. */
  show(docked: Docked): DockedView {
    const view = new DockedView(docked, this);
    this.#views.add(view);
    view.disposed.connect(() => {
      this.#views.delete(view);
      this.#told(null);
    });
    this.#put(view);
    this.#told(view);
    this.#refresh();
    return view;
  }

  activate(view: DockedView): void {
    const { side } = this;
    if (view.docked.place !== "panel" || side === null) {
      this.#app.shell.activateById(view.id);
      return;
    }
    // Notebook before 7.6 would close the panel where it is open.
    if (!side.isVisible) this.#app.shell.activateById(side.id);
    view.activate();
  }

  get move(): Keeper["move"] {
    if (!this.hasRoomBeside) return null;
    return (view, place) => {
      view.keep({ place });
      this.#put(view);
      this.#refresh();
      this.activate(view);
    };
  }

  kept(view: DockedView): void {
    this.#told(view);
  }

  openNotebook({ docked: { path, place }, id }: DockedView): void {
    // Not over the view, but where it was.
    const options = place === "main" ? { mode: "split-left", ref: id } : {};
    void this.#app.commands.execute("docmanager:open", { path, options });
  }

  #told(view: DockedView | null): void {
    for (const listener of this.#listeners) listener(view);
  }

  #put(view: DockedView): void {
    if (view.docked.place === "panel") this.side?.hold(view);
    else this.#app.shell.add(view, "main", { activate: false, ...this.#beside(view) });
  }

  /** At the right of the notebook; the second below the first, those that follow behind the second. */
  #beside({ docked: { path, id } }: DockedView): AddOptions {
    const others = this.views.filter(
      ({ docked, isAttached }) => docked.path === path && docked.place === "main" && docked.id !== id && isAttached,
    );
    const [first, last] = [others[0], others.at(-1)];
    if (first === undefined || last === undefined) {
      const notebook = this.#notebook(path);
      return notebook === undefined ? { mode: "split-right" } : { mode: "split-right", ref: notebook.id };
    }
    return { mode: first === last ? "split-bottom" : "tab-after", ref: last.id };
  }

  #notebook(path: string): NotebookPanel | undefined {
    return this.#notebooks.find(({ context }) => context.path === path);
  }

  #watch(panel: NotebookPanel): void {
    let { path } = panel.context;
    const refresh = () => this.#refresh();
    panel.context.pathChanged.connect((_, now) => {
      for (const view of this.views) if (view.docked.path === path) view.keep({ path: now });
      path = now;
    });
    panel.sessionContext.kernelChanged.connect(refresh);
    panel.sessionContext.statusChanged.connect(refresh);
    panel.disposed.connect(() => queueMicrotask(refresh));
    refresh();
  }

  #refresh(): void {
    const chats = chatsIn(this.#notebooks);
    for (const view of this.views) {
      const notebook = this.#notebook(view.docked.path);
      const kernel = notebook && kernelOf(notebook);
      const names = notebook === undefined ? new Map() : namesIn(notebook, this.#notebooks);
      view.follow(this.#followed.find(view.docked, chats, kernel), kernel, names);
    }
  }
}
