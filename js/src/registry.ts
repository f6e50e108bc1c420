// Where the live chats of a page and the extension of JupyterLab meet, in whichever order they come: chats are bundles that
// kernels have sent, maybe of other versions than the extension and each other. So it is an object of the page, of plain values
// and functions; what is added to it later is optional, and a change that is not raises the version: then they do not meet.
const KEY = Symbol.for("burr-chat-widget");
const VERSION = 1;

/** `next-breakpoint` goes on as `continue` does, where there is a breakpoint to hold at. */
export type ChatCommand = "send" | "stop" | "step" | "continue" | "pause" | "next-breakpoint" | "focus";
export type ChatViewName = "chat" | "graph" | "inspector" | "timeline";

export interface LiveChat {
  /** The same as long as the kernel has the chat, also after the page was reloaded. */
  readonly key: string;
  readonly views: readonly ChatViewName[];
  /** Which kernel it lives in; null where the host does not say. */
  kernel(): string | null;
  title(): string;
  /** Burr's id of its application; null until the kernel has answered. */
  application(): string | null;
  status(): "idle" | "running" | "paused" | "disconnected";
  /** Why it can be talked to no more, and what to do, while it is disconnected; else null. */
  lost?(): string | null;
  /** What runs, or is held, now. */
  action(): string | null;
  /** Where it is held, as `Held before decide_mode`; null where it is not. */
  held?(): string | null;
  /** How its last turn ended, as the chat says it, where that was not as it should; null where it was, or while one runs. */
  outcome?(): { status: "stopped" | "failed"; words: string } | null;
  /** What it was asked last; null before the first prompt. Tells chats of one title apart. */
  asked?(): string | null;
  /** Whether the server that has its application is not heard: then it shows what was told last. */
  isAway?(): boolean;
  /** Whether it was asked to be held before the next action. */
  isPausing?(): boolean;
  /** Whether it is in a cell of the notebook, or has not been yet, such as after a reload: not where its cell was run again. */
  isShown(): boolean;
  /** Whether it was in a cell since the page was loaded: one that was not is in a cell further down, or was replaced before. */
  wasShown?(): boolean;
  /** Show a view of it in the element until the signal aborts: of the same session as all others. */
  mount(view: ChatViewName, el: HTMLElement, signal: AbortSignal): void;
  can(command: ChatCommand): boolean;
  do(command: ChatCommand): void;
  /** Call the listener when anything that is said above has changed; returns what ends that. */
  subscribe(listener: () => void): () => void;
}

/** What the extension does for chats. */
export interface Offers {
  openBeside(chat: LiveChat, view: ChatViewName): void;
  /** Whether a key that is pressed in a chat belongs to a command of the extension. */
  isShortcut?(event: KeyboardEvent): boolean;
}

export interface Registry {
  readonly version: typeof VERSION;
  readonly chats: readonly LiveChat[];
  /** The one that had the keyboard's focus last, if it is there. */
  readonly focused: LiveChat | null;
  /** Null without the extension. */
  readonly offers: Offers | null;
  /** What the reader prefers, as settings.ts reads it; undefined without the extension. */
  readonly settings: unknown;
  add(chat: LiveChat): void;
  remove(chat: LiveChat): void;
  setFocused(chat: LiveChat): void;
  setOffers(offers: Offers | null): void;
  setSettings(settings: unknown): void;
  /** Call the listener when any of these has changed; returns what ends that. */
  subscribe(listener: () => void): () => void;
}

/** The page's registry: whoever asks first makes it. */
export function registry(): Registry {
  const page = globalThis as { [KEY]?: Partial<Registry> };
  const found = page[KEY];
  if (found?.version === VERSION) return found as Registry;
  const made = createRegistry();
  // That of another version is left to those who know it.
  if (found === undefined) page[KEY] = made;
  return made;
}

function createRegistry(): Registry {
  let chats: readonly LiveChat[] = [];
  let focused: LiveChat | null = null;
  let offers: Offers | null = null;
  let settings: unknown;
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of [...listeners]) tell(listener);
  };
  return {
    version: VERSION,
    get chats() {
      return chats;
    },
    get focused() {
      return focused;
    },
    get offers() {
      return offers;
    },
    get settings() {
      return settings;
    },
    add(chat) {
      chats = [...chats, chat];
      changed();
    },
    remove(chat) {
      chats = chats.filter((each) => each !== chat);
      if (focused === chat) focused = null;
      changed();
    },
    setFocused(chat) {
      if (focused === chat) return;
      focused = chat;
      changed();
    },
    setOffers(value) {
      offers = value;
      changed();
    },
    setSettings(value) {
      settings = value;
      changed();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** One that fails keeps the others from nothing. */
function tell(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    console.error(error);
  }
}
