import { act } from "@testing-library/preact";
import { expect, test } from "vitest";
import { showViews } from "../../src/cell";
import { DEFAULTS, type Settings } from "../../src/settings";
import { liveStore } from "../chat/script";
import { fakeStepping } from "../inspector/script";

function setup() {
  const el = document.createElement("div");
  document.body.append(el);
  const store = liveStore();
  const leaving = new AbortController();
  const load = () => new Promise<Record<string, unknown>>(() => {});
  const context = { store, actions: fakeStepping(store), session: "page", arrivals: new Map(), load };
  act(() => showViews(el, leaving.signal, context));
  const views = () => [...el.querySelectorAll<HTMLElement>(".bcw[data-view]")];
  return {
    leave: () => act(() => leaving.abort()),
    set: (changes: Partial<Settings>) =>
      act(() => {
        store.settings.value = { ...store.settings.value, ...changes };
      }),
    views,
    names: () => views().map(({ dataset }) => dataset.view),
  };
}

test("a cell shows the chat and the graph, or what the settings name", () => {
  const { names, set, leave } = setup();
  expect(names()).toEqual(["chat", "graph"]);
  set({ views: ["inspector", "timeline"] });
  expect(names()).toEqual(["inspector", "timeline"]);
  set(DEFAULTS);
  expect(names()).toEqual(["chat", "graph"]);
  leave();
  expect(names()).toEqual([]);
});

test("a view that stays is the same one, in its place", () => {
  const { views, names, set } = setup();
  set({ views: ["chat", "timeline"] });
  const before = views();
  const textarea = before[0]?.querySelector("textarea");
  textarea?.focus();
  set({ views: ["chat", "graph", "inspector", "timeline"] });
  expect(names()).toEqual(["chat", "graph", "inspector", "timeline"]);
  expect([views()[0], views()[3]]).toEqual(before);
  expect(document.activeElement).toBe(textarea);
});

test("where nothing shall move, the views say so to their style sheets", () => {
  const { views, set } = setup();
  const still = () => views().map((view) => view.hasAttribute("data-still"));
  expect(still()).toEqual([false, false]);
  set({ animations: false });
  expect(still()).toEqual([true, true]);
});
