import { act, fireEvent, screen } from "@testing-library/preact";
import { expect, it, vi } from "vitest";
import { type Mounted, mount, settle, withSizes } from "./mount";
import { action, decision, demo, edge, graphOf } from "./samples";

withSizes();

function press(key: string): void {
  fireEvent.keyDown(document.activeElement as Element, { key });
}

function focus(element: SVGElement): void {
  act(() => element.focus());
}

const focused = (): string | null | undefined => document.activeElement?.getAttribute("data-action");

function inTabOrder({ svg }: Mounted): (string | null)[] {
  return [...svg.querySelectorAll('[tabindex="0"]')].map((element) => element.getAttribute("data-action"));
}

it("has one stop in the tab order, which goes along with the focus", () => {
  const shown = mount(demo);
  expect(inTabOrder(shown)).toEqual(["prompt"]);
  focus(shown.node("decide_mode"));
  expect(inTabOrder(shown)).toEqual(["decide_mode"]);
});

it("moves along the transitions with the arrow keys, and home with Home", () => {
  const shown = mount(demo);
  focus(shown.node("prompt"));
  press("ArrowDown");
  expect(focused()).toBe("check_safety");
  press("ArrowDown");
  expect(focused()).toBe("decide_mode");
  press("ArrowDown");
  const one = focused();
  expect(one).toBe("generate_code");
  press("ArrowRight");
  expect(focused()).not.toBe(one);
  press("ArrowLeft");
  expect(focused()).toBe(one);
  press("ArrowUp");
  expect(focused()).toBe("decide_mode");
  press("Home");
  expect(focused()).toBe("prompt");
});

it("goes through an action's transitions with T, in the order of evaluation, and on along them", () => {
  const shown = mount(demo);
  focus(shown.node("check_safety"));
  press("t");
  expect(document.activeElement).toBe(shown.edge("check_safety", "decide_mode"));
  expect(shown.card()?.textContent).toContain("safe=True");
  press("t");
  expect(document.activeElement).toBe(shown.edge("check_safety", "unsafe_response"));
  press("ArrowDown");
  expect(focused()).toBe("unsafe_response");
});

it("zooms with plus, minus and 0, and with the buttons", async () => {
  const shown = mount(demo);
  focus(shown.node("prompt"));
  const start = shown.view();
  await settle(() => press("+"));
  expect(shown.view()).not.toBe(start);
  await settle(() => press("-"));
  await settle(() => press("0"));
  expect(shown.view()).toBe(start);
  const click = (name: string): Promise<void> => settle(() => screen.getByRole("button", { name }).click());
  await click("Zoom in");
  const zoomed = shown.view();
  expect(zoomed).not.toBe(start);
  await click("Zoom out");
  expect(shown.view()).not.toBe(zoomed);
  await click("Fit");
  expect(shown.view()).toBe(start);
});

it("shows what an action is on focus, described to screen readers, and closes on Escape", () => {
  const shown = mount(demo);
  focus(shown.node("generate_poem"));
  const card = shown.card() as HTMLElement;
  for (const text of ["prompt, chat_history, mode", "response", "model (optional)", "streaming", "one piece of text"]) {
    expect(card.textContent).toContain(text);
  }
  const source = card.querySelector("details") as HTMLDetailsElement;
  expect(source.open).toBe(false);
  expect(source.querySelector("pre")?.textContent).toBe(demo.actions[3]?.source);
  const [described] = (shown.node("generate_poem").getAttribute("aria-describedby") ?? "").split(" ");
  expect(document.getElementById(described ?? "")?.textContent).toContain("model (optional)");
  press("Escape");
  expect(shown.card()).toBeNull();
  expect(focused()).toBe("generate_poem");
  expect(shown.node("generate_poem").hasAttribute("aria-describedby")).toBe(false);
});

it("shows how the last decision out of the action was made", () => {
  const shown = mount(demo);
  const first = {
    ...decision(demo, "decide_mode", 1, { mode: '"answer_question"' }),
  };
  shown.decisions.value = [first, decision(demo, "answer_question", 0)];
  focus(shown.node("decide_mode"));
  const rows = [...(shown.card()?.querySelectorAll("li") ?? [])].map((row) => row.textContent);
  expect(rows).toHaveLength(4);
  expect(rows[0]).toMatch(/^false mode=generate_code → generate_code.*mode = "answer_question"$/);
  expect(rows[1]).toMatch(/^true mode=answer_question → answer_question taken/);
  expect(shown.card()?.querySelectorAll('[data-taken="true"]')).toHaveLength(1);
});

it("shows why a condition could not be evaluated", () => {
  const shown = mount(demo);
  const failed = decision(demo, "check_safety", 1);
  Object.assign(failed.conditions[0] ?? {}, { outcome: null, error: "KeyError: 'safe'" });
  shown.decisions.value = [failed];
  focus(shown.node("check_safety"));
  const row = shown.card()?.querySelector('[data-outcome="error"]');
  expect(row?.textContent).toContain("KeyError: 'safe'");
});

it("shows a transition's condition and its own last evaluation", () => {
  const graph = graphOf(["a", "b"], [edge("a", "b", "x=1"), edge("a", "b", "x=2")]);
  const shown = mount(graph);
  shown.decisions.value = [decision(graph, "a", 1, { x: "2" })];
  shown.taken.value = [0, 3];
  focus(shown.edge("a", "b", 1));
  expect(shown.card()?.textContent).toContain("x=2");
  expect(shown.card()?.textContent).toContain("3 times");
  expect(shown.card()?.querySelector("li")?.getAttribute("data-outcome")).toBe("true");
  focus(shown.edge("a", "b", 0));
  expect(shown.card()?.querySelector("li")?.getAttribute("data-outcome")).toBe("false");
});

it("opens on hover after a moment and stays while the pointer goes into the card", () => {
  vi.useFakeTimers();
  const shown = mount(demo);
  const wait = (milliseconds: number): void => {
    act(() => {
      vi.advanceTimersByTime(milliseconds);
    });
  };
  fireEvent.pointerOver(shown.node("prompt"));
  expect(shown.card()).toBeNull();
  wait(200);
  expect(shown.card()?.getAttribute("aria-label")).toBe("Action prompt");
  fireEvent.pointerOver(shown.svg);
  wait(100);
  fireEvent.pointerOver(shown.card() as HTMLElement);
  wait(1000);
  expect(shown.card()).not.toBeNull();
  fireEvent.pointerOver(shown.svg);
  wait(1000);
  expect(shown.card()).toBeNull();
});

it("closes on Escape what opened on hover, while the focus is elsewhere", () => {
  vi.useFakeTimers();
  const shown = mount(demo);
  fireEvent.pointerOver(shown.node("prompt"));
  act(() => {
    vi.advanceTimersByTime(200);
  });
  expect(shown.card()).not.toBeNull();
  fireEvent.keyDown(document.body, { key: "Escape" });
  expect(shown.card()).toBeNull();
});

it("opens nothing when a press becomes a drag", () => {
  const shown = mount(demo);
  const node = shown.node("decide_mode");
  const at = (x: number) => ({ clientX: x, clientY: 50, pointerId: 1, isPrimary: true, button: 0 });
  fireEvent.pointerDown(node, at(10));
  focus(node);
  fireEvent.pointerMove(node, at(60));
  fireEvent.pointerUp(node, at(60));
  fireEvent.click(node);
  expect(shown.card()).toBeNull();
  fireEvent.pointerDown(node, at(10));
  fireEvent.pointerUp(node, at(10));
  fireEvent.click(node);
  expect(shown.card()?.getAttribute("data-pinned")).toBe("true");
});

it("is pinned by a click or Enter, until it is closed", () => {
  vi.useFakeTimers();
  const shown = mount(demo);
  fireEvent.click(shown.node("decide_mode"));
  expect(shown.card()?.getAttribute("data-pinned")).toBe("true");
  fireEvent.pointerOver(shown.node("prompt"));
  act(() => {
    vi.advanceTimersByTime(1000);
  });
  expect(shown.card()?.getAttribute("aria-label")).toBe("Action decide_mode");
  fireEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(shown.card()).toBeNull();
  expect(focused()).toBe("decide_mode");
  press("Enter");
  expect(shown.card()?.getAttribute("data-pinned")).toBe("true");
  fireEvent.click(shown.svg);
  expect(shown.card()).toBeNull();
});

it("is also a list, always there for screen readers", async () => {
  const shown = mount(demo);
  const list = screen.getByRole("list", { name: "Actions" });
  expect(list.classList.contains("bcw-graph-unseen")).toBe(true);
  await settle(() => {
    shown.nodes.value = { ...shown.nodes.value, decide_mode: { status: "running", visits: 2 } };
    shown.taken.value = shown.taken.value.with(3, 2);
    shown.decisions.value = [decision(demo, "decide_mode", 0)];
  });
  const row = list.children[2]?.textContent;
  expect(row).toContain("decide_mode: running, ran twice");
  expect(row).toContain("to generate_code, when mode=generate_code, taken twice, last one taken");
  expect(row).toContain("to prompt_for_more, otherwise");
  expect(row).toContain("Asks a model for the mode.");
  expect(row).toContain("last decision: mode=generate_code true, taken; mode=answer_question true; ");
  expect(list.children[0]?.textContent).toContain("to check_safety, always");
  expect(list.querySelector("summary, pre")).toBeNull();

  fireEvent.click(screen.getByRole("button", { name: "List" }));
  expect(list.classList.contains("bcw-graph-unseen")).toBe(false);
  expect(shown.stage.hidden).toBe(true);
  expect(list.children[2]?.querySelectorAll(".bcw-graph-decision li")).toHaveLength(4);
  expect(list.children[5]?.querySelector("details pre")?.textContent).toBe(demo.actions[5]?.source);
  fireEvent.click(screen.getByRole("button", { name: "Graph" }));
  expect(shown.stage.hidden).toBe(false);
});

it("shows names as text, whatever they hold", () => {
  const nasty = '<img src=x onerror="boom()">"]';
  const graph = graphOf([nasty, "b"], [edge(nasty, "b", "<b>x</b>")]);
  graph.actions[0] = action(nasty, { docstring: "<script>boom()</script>", source: "<i>s</i>" });
  const shown = mount(graph);
  focus(shown.node(nasty));
  expect(shown.root.querySelector("img,script,b,i")).toBeNull();
  expect(shown.card()?.textContent).toContain("<script>boom()</script>");
});
