// The views of one conversation on a page of their own, or in a cell: the chat beside one or two other views, or where there is no room
// one at a time.
import { mountView, type ViewContext, type ViewName } from "../views";
import "./layout.css";

export interface Pane {
  view: ViewName;
  name: string;
}

/** From these widths on, in pixels, there is room for two, and for three; layout.css has them too. */
const ROOM = [760, 1400];

/** Show the chat and `panes`, those in turns, in `root`, and `head` above: where there is room, those chosen last. A view is made when it
 * is first shown. */
export function showPanes(
  root: HTMLElement,
  panes: readonly Pane[],
  context: ViewContext,
  head: HTMLElement,
  signal: AbortSignal,
): void {
  const all: Pane[] = [{ view: "chat", name: "Chat" }, ...panes];
  /** How many stand beside the chat. */
  let room = roomIn(root.clientWidth);
  let chosen = panes.map(({ view }) => view);
  let shown: ViewName = "chat";

  const places = new Map(all.map(({ view }) => [view, element("div", "bcw-page-pane", { "data-pane": view })]));
  const buttons = new Map(all.map((pane) => [pane.view, button(pane)]));
  const choices = element("div", "bcw-page-choices", { role: "group", "aria-label": "Views" });
  choices.append(...buttons.values());
  const bar = element("nav", "bcw-page-bar", { "aria-label": "Conversation and views" });
  bar.append(head, choices);
  const panels = element("div", "bcw-page-panes");
  panels.append(...places.values());
  root.classList.add("bcw", "bcw-page");
  root.append(bar, panels);

  function button({ view, name }: Pane): HTMLButtonElement {
    const made = element("button", "bcw-page-choice", { type: "button", "data-shows": view });
    made.textContent = name;
    made.addEventListener("click", () => show(view), { signal });
    return made;
  }

  function show(view: ViewName): void {
    shown = view;
    if (view !== "chat") chosen = [view, ...chosen.filter((other) => other !== view)];
    arrange();
  }

  function arrange(): void {
    const beside = chosen.slice(0, room);
    for (const [view, place] of places) {
      const here = room > 0 ? view === "chat" || beside.includes(view) : view === shown;
      if (here && place.childElementCount === 0) mountView(view, place, signal, context);
      place.hidden = !here;
      const choice = buttons.get(view);
      choice?.setAttribute("aria-pressed", String(here));
      // With the chat always there, it is no choice; nor are others that all are.
      if (choice !== undefined) choice.hidden = room > 0 && (view === "chat" || panes.length <= room);
    }
  }

  const observer = new ResizeObserver(([entry]) => {
    const now = roomIn(entry?.contentRect.width ?? 0);
    if (now === room) return;
    room = now;
    arrange();
  });
  observer.observe(root);
  signal.addEventListener("abort", () => observer.disconnect());
  arrange();
}

function roomIn(width: number): number {
  return ROOM.filter((least) => width >= least).length;
}

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  attributes: Record<string, string> = {},
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.className = className;
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}
