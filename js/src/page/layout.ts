// The views of one conversation on a page of their own: the chat beside another view, or where there is no room one at a time.
import { mountView, type ViewContext, type ViewName } from "../views";

export interface Pane {
  view: ViewName;
  name: string;
}

/** From this width on there is room for two. */
const ROOM = "(min-width: 760px)";

/** Show the chat and `panes`, those in turns, in `root`. A view is made when it is first shown. */
export function showPanes(
  root: HTMLElement,
  panes: readonly Pane[],
  context: ViewContext,
  anew: URL,
  signal: AbortSignal,
): void {
  const all: Pane[] = [{ view: "chat", name: "Chat" }, ...panes];
  const room = matchMedia(ROOM);
  let beside = panes[0]?.view;
  let shown: ViewName = "chat";

  const places = new Map(all.map(({ view }) => [view, element("div", "bcw-page-pane", { "data-pane": view })]));
  const buttons = new Map(all.map((pane) => [pane.view, button(pane)]));
  const choices = element("div", "bcw-page-choices", { role: "group", "aria-label": "Views" });
  choices.append(...buttons.values());
  const link = element("a", "bcw-page-new", { href: anew.href });
  link.textContent = "New conversation";
  const bar = element("nav", "bcw-page-bar", { "aria-label": "Conversation and views" });
  bar.append(link, choices);
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
    if (view !== "chat") beside = view;
    arrange();
  }

  function arrange(): void {
    const both = room.matches;
    for (const [view, place] of places) {
      const here = both ? view === "chat" || view === beside : view === shown;
      if (here && place.childElementCount === 0) mountView(view, place, signal, context);
      place.hidden = !here;
      const choice = buttons.get(view);
      choice?.setAttribute("aria-pressed", String(here));
      // With the chat always there, it is no choice; nor is the only other one.
      if (choice !== undefined) choice.hidden = both && (view === "chat" || panes.length === 1);
    }
  }

  room.addEventListener("change", arrange, { signal });
  arrange();
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  attributes: Record<string, string> = {},
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.className = className;
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}
