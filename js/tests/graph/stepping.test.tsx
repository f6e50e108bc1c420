import { signal } from "@preact/signals";
import { fireEvent, render, within } from "@testing-library/preact";
import { expect, test } from "vitest";
import { StateMachine } from "../../src/graph";
import type { Breakpoint, Held } from "../../src/protocol.gen";
import { settle, withSizes } from "./mount";
import { demo, idle } from "./samples";

withSizes();

function mount() {
  const breakpoints = signal<readonly Breakpoint[]>([]);
  const held = signal<Held | null>(null);
  const asked: unknown[] = [];
  const setBreakpoint = (...given: unknown[]) => void asked.push(given);
  const { container } = render(
    <StateMachine
      graph={demo}
      nodes={signal(idle(demo))}
      taken={signal([])}
      decisions={signal([])}
      steps={signal([])}
      stepping={{ breakpoints, held, setBreakpoint }}
    />,
  );
  const page = within(container as HTMLElement);
  const node = (name: string) => container.querySelector(`[data-action="${name}"]`) as SVGElement;
  const dot = (name: string, when: string) => node(name).querySelector(`[data-break="${when}"]`) as SVGElement;
  const set = (action: string, when: Breakpoint["when"]) =>
    settle(() => {
      breakpoints.value = [{ action, when, condition: null }];
    });
  return { page, node, dot, set, held, asked, breakpoints };
}

test("a dot on each side of a node sets and takes away a breakpoint, and opens no card", async () => {
  const { page, node, dot, set, asked } = mount();
  expect(dot("decide_mode", "before").getAttribute("data-set")).toBe("false");
  await settle(() => fireEvent.click(dot("decide_mode", "before")));
  await set("decide_mode", "before");
  expect(dot("decide_mode", "before").getAttribute("data-set")).toBe("true");
  expect(dot("decide_mode", "after").getAttribute("data-set")).toBe("false");
  expect(node("decide_mode").getAttribute("aria-label")).toContain("breakpoint before");
  await settle(() => fireEvent.click(dot("decide_mode", "before")));
  await settle(() => fireEvent.click(dot("decide_mode", "after")));
  expect(asked).toEqual([
    ["decide_mode", "before", false],
    ["decide_mode", "before", true],
    ["decide_mode", "after", false],
  ]);
  expect(page.queryByRole("group", { name: "Action decide_mode" })).toBeNull();
});

test("so do B and Shift+B on the node, and the buttons of its card and of the list", async () => {
  const { page, node, set, asked } = mount();
  await settle(() => node("prompt").focus());
  fireEvent.keyDown(node("prompt"), { key: "b" });
  fireEvent.keyDown(node("prompt"), { key: "B", shiftKey: true });
  await set("prompt", "after");
  const card = within(page.getByRole("group", { name: "Action prompt" }));
  expect(card.getByRole("button", { name: "Break before" }).getAttribute("aria-pressed")).toBe("false");
  expect(card.getByRole("button", { name: "Break after" }).getAttribute("aria-pressed")).toBe("true");
  fireEvent.click(card.getByRole("button", { name: "Break after" }));
  await settle(() => fireEvent.click(page.getByRole("button", { name: "List" })));
  const list = page.getByRole("list", { name: "Actions" });
  expect(list.textContent).toContain("breakpoint after");
  fireEvent.click(within(list).getAllByRole("button", { name: "Break before" })[1] as HTMLElement);
  expect(asked).toEqual([
    ["prompt", "before", false],
    ["prompt", "after", false],
    ["prompt", "after", true],
    ["check_safety", "before", false],
  ]);
});

test("a breakpoint with a condition says which, and looks another", async () => {
  const { page, node, dot, breakpoints } = mount();
  await settle(() => {
    breakpoints.value = [{ action: "prompt", when: "before", condition: "is_long" }];
  });
  expect(dot("prompt", "before").getAttribute("data-conditional")).toBe("true");
  expect(dot("prompt", "after").getAttribute("data-conditional")).toBe("false");
  expect(node("prompt").getAttribute("aria-label")).toContain("breakpoint before if is_long");
  await settle(() => node("prompt").focus());
  expect(page.getByRole("button", { name: "Break before if is_long" }).getAttribute("aria-pressed")).toBe("true");
});

test("the node at which a turn is held is seen and said", async () => {
  const { node, held } = mount();
  const at = (change: Partial<Held>): Held => ({
    ...{ at: "action", reason: "step", breakpoint: null, after: "prompt", next_action: "check_safety" },
    ...{ needs: [], conditions: [], error: null },
    ...change,
  });
  await settle(() => {
    held.value = at({});
  });
  expect(node("check_safety").getAttribute("data-held")).toBe("action");
  expect(node("check_safety").getAttribute("aria-label")).toContain("held here");
  await settle(() => {
    held.value = at({ at: "delta", next_action: "generate_poem" });
  });
  expect(node("check_safety").hasAttribute("data-held")).toBe(false);
  expect(node("generate_poem").getAttribute("data-held")).toBe("delta");
  await settle(() => {
    held.value = at({ next_action: null });
  });
  expect(node("prompt").getAttribute("data-held")).toBe("action");
});
