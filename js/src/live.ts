// A chat as the rest of the page finds it in the registry: told and asked in plain values, on the store and the actions that its
// views have too.
import { batch, computed, effect, type Signal, signal } from "@preact/signals";
import { outgoingOf } from "./chat/outgoing";
import { activity, endedWords, runningTurn } from "./chat/words";
import { controlOf } from "./inspector";
import { heldWords } from "./inspector/words";
import { type ChatCommand, type ChatViewName, type LiveChat, registry } from "./registry";
import { settingsFrom } from "./settings";
import type { Store } from "./store/store";
import { mountView, type ViewContext, type ViewName } from "./views";

const COMMANDS: readonly ChatCommand[] = ["send", "stop", "step", "continue", "pause", "next-breakpoint", "focus"];
const VIEWS: readonly ChatViewName[] = ["chat", "graph", "inspector", "timeline"];

/** What the host says of a chat. */
export interface Origin {
  key: string;
  kernel(): string | null;
}

/** Of one chat, the views that are on the page. */
interface Mounted {
  /** Their roots, those that had the focus last at the end. */
  readonly roots: Set<HTMLElement>;
  /** How many of them are in cells; null before the first one was. */
  readonly inCells: Signal<number | null>;
  /** Keep one among the roots as long as it is there. */
  track(root: HTMLElement, gone: AbortSignal): void;
}

/** Be found by the rest of the page until `leaving` aborts; returns the context with what the page has for the chat's views. */
export function joinPage(own: ViewContext, origin: Origin, leaving: AbortSignal): ViewContext {
  const page = registry();
  const roots: Mounted["roots"] = new Set();
  const inCells: Mounted["inCells"] = signal(null);
  const track: Mounted["track"] = (root, gone) => {
    roots.add(root);
    gone.addEventListener("abort", () => roots.delete(root));
    const focused = () => {
      roots.delete(root);
      roots.add(root);
      page.setFocused(chat);
    };
    root.addEventListener("focusin", focused, { signal: gone });
  };
  const beside = signal<((view: ViewName) => void) | null>(null);
  const context: ViewContext = {
    ...own,
    beside,
    isShortcut: (event) => page.offers?.isShortcut?.(event) ?? false,
    onRoot(root, gone) {
      track(root, gone);
      inCells.value = (inCells.peek() ?? 0) + 1;
      gone.addEventListener("abort", () => {
        inCells.value = (inCells.peek() ?? 1) - 1;
      });
    },
  };
  const chat = liveChat(context, origin, { roots, inCells, track });

  let read: unknown;
  const follow = () => {
    const { offers, settings } = page;
    if ((offers === null) !== (beside.peek() === null)) {
      beside.value = offers && ((view) => isOfOurs(view) && page.offers?.openBeside(chat, view));
    }
    if (settings !== read) {
      own.store.settings.value = settingsFrom(settings);
      read = settings;
    }
  };
  follow();
  const unsubscribe = page.subscribe(follow);
  page.add(chat);
  leaving.addEventListener("abort", () => {
    unsubscribe();
    page.remove(chat);
  });
  return context;
}

function isOfOurs(view: ViewName): view is ChatViewName {
  return VIEWS.some((each) => each === view);
}

/** So much of a prompt tells of it. */
const ASKED = 200;

function liveChat(context: ViewContext, { key, kernel }: Origin, { roots, inCells, track }: Mounted): LiveChat {
  const { store, actions } = context;
  const control = controlOf(store, actions);
  const outgoing = outgoingOf(store, actions);

  const said = computed(() => {
    const view = store.view.value;
    const turn = runningTurn(view);
    const now = view && turn ? activity(view, turn) : null;
    return {
      title: view?.session.title ?? "Chat",
      application: view?.session.app_id ?? null,
      status: store.status.value,
      lost: store.connection.value === "lost" ? store.lost.value : null,
      isShown: inCells.value !== 0,
      wasShown: inCells.value !== null,
      held: view?.held ? heldWords(view.held) : null,
      isAway: view?.composer.away ?? false,
      isPausing: control.pausing.value,
      outcome: outcomeOf(store),
      asked: view?.messages.findLast(({ role }) => role === "user")?.text.slice(0, ASKED) ?? null,
      action: now?.running ?? view?.held?.next_action ?? now?.done.at(-1) ?? null,
    };
  });

  function can(command: ChatCommand): boolean {
    switch (command) {
      case "send": {
        if (outgoing.closed.value !== null) return false;
        if (outgoing.takesText.value) return outgoing.draft.value.trim() !== "";
        return !outgoing.busy.value && store.connection.value === "live";
      }
      case "stop":
        return control.closed.value.stop === null;
      case "next-breakpoint":
        return control.breakpoints.value.length > 0 && can("continue");
      case "focus":
        return true;
      default:
        return control.offered.value && control.closed.value[command] === null;
    }
  }

  function send(): void {
    if (!outgoing.takesText.peek()) outgoing.run();
    else {
      // In one go: where the kernel turns out to be gone, what was given is the draft again.
      batch(() => {
        if (outgoing.submit(outgoing.draft.peek())) outgoing.draft.value = "";
      });
    }
  }

  const everything = computed(() => JSON.stringify([said.value, COMMANDS.map(can)]));

  return {
    key,
    views: VIEWS,
    kernel,
    title: () => said.peek().title,
    application: () => said.peek().application,
    status: () => said.peek().status,
    lost: () => said.peek().lost,
    action: () => said.peek().action,
    held: () => said.peek().held,
    isAway: () => said.peek().isAway,
    isPausing: () => said.peek().isPausing,
    outcome: () => said.peek().outcome,
    asked: () => said.peek().asked,
    isShown: () => said.peek().isShown,
    wasShown: () => said.peek().wasShown,
    mount: (view, el, gone) => mountView(view, el, gone, { ...context, beside: undefined, onRoot: track }),
    can,
    do(command) {
      if (!can(command)) return;
      if (command === "focus") focusIn(roots);
      else if (command === "next-breakpoint") control.do("continue");
      else if (command === "send") send();
      else control.do(command);
    },
    subscribe(listener) {
      let begun = false;
      return effect(() => {
        everything.value;
        if (begun) listener();
        begun = true;
      });
    },
  };
}

function outcomeOf({ view, pending }: Store): ReturnType<NonNullable<LiveChat["outcome"]>> {
  const known = view.value;
  const status = known?.turns.at(-1)?.status;
  if (known === null || pending.value !== null || (status !== "stopped" && status !== "failed")) return null;
  return { status, words: endedWords(known) };
}

/** Put the caret where one writes, in the view that had the focus last if the reader can see it. */
function focusIn(roots: Mounted["roots"]): void {
  const chats = [...roots].filter((root) => root.dataset.view === "chat").reverse();
  const chat = chats.find((root) => root.getClientRects().length > 0) ?? chats[0];
  const target = chat?.querySelector<HTMLElement>(".bcw-composer :is(.bcw-input, .bcw-primary)");
  chat?.scrollIntoView({ block: "nearest" });
  target?.scrollIntoView({ block: "nearest" });
  target?.focus({ preventScroll: true });
}
