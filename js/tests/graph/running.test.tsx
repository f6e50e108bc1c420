import { batch, signal } from "@preact/signals";
import { render, screen } from "@testing-library/preact";
import { options } from "preact";
import { expect, it, vi } from "vitest";
import { type LayoutEngine, StateMachine } from "../../src/graph";
import { layOut } from "../../src/graph/dagre";
import { eventually } from "../eventually";
import { mount, resizeTo, settle, withSizes } from "./mount";
import { decision, demo, edge, graphOf, idle, odd, seeded } from "./samples";

withSizes();

it("shows each action's status and visits, and each transition", () => {
  const { root, node } = mount(demo);
  expect(root.getAttribute("role")).toBe("group");
  expect(root.getAttribute("aria-label")).toBe("State machine");
  expect(root.querySelectorAll("[data-action]")).toHaveLength(8);
  expect(root.querySelectorAll("[data-from][data-to]")).toHaveLength(12);
  expect(node("prompt").getAttribute("data-status")).toBe("idle");
  expect(node("prompt").getAttribute("data-visits")).toBe("0");
  expect(node("prompt").getAttribute("aria-label")).toBe("prompt, entry point, not run");
});

it("changes attributes and texts only, of what changed only, as the machine runs", async () => {
  const shown = mount(demo);
  await settle(() => {
    shown.nodes.value = { ...shown.nodes.value, prompt: { status: "running", visits: 1 } };
  });
  const records: MutationRecord[] = [];
  const seen = new MutationObserver((found) => records.push(...found));
  seen.observe(shown.svg, { subtree: true, childList: true, attributes: true, characterData: true });
  const elements = [...shown.svg.querySelectorAll("*")];
  const rendered: unknown[] = [];
  options.vnode = (vnode) => rendered.push(vnode.type);

  await settle(() =>
    batch(() => {
      shown.nodes.value = {
        ...shown.nodes.value,
        prompt: { status: "done", visits: 1 },
        check_safety: { status: "running", visits: 1 },
      };
      shown.taken.value = shown.taken.value.with(0, 1);
      shown.decisions.value = [decision(demo, "prompt", 0)];
    }),
  );

  delete options.vnode;
  expect(rendered).toEqual([]);
  records.push(...seen.takeRecords());
  const owner = (target: Node): string | null | undefined => {
    const element = target instanceof Element ? target : target.parentElement;
    const group = element?.closest("[data-action],[data-transition]");
    return group?.getAttribute("data-action") ?? group?.getAttribute("data-from");
  };
  expect(records.filter(({ type }) => type === "childList")).toEqual([]);
  expect(new Set(records.map(({ target }) => owner(target)))).toEqual(new Set(["prompt", "check_safety"]));
  // The status, its icon and its words for both; visits and their text for one; the transition's count, text, words, mark.
  expect(records.length).toBeLessThanOrEqual(12);
  expect([...shown.svg.querySelectorAll("*")]).toEqual(elements);
  expect(shown.node("prompt").getAttribute("data-status")).toBe("done");
  expect(shown.node("check_safety").getAttribute("data-status")).toBe("running");
  expect(shown.node("check_safety").getAttribute("data-visits")).toBe("1");
});

it("counts taken transitions and marks the last, also between the same two actions", async () => {
  const graph = graphOf(["a", "b"], [edge("a", "b", "x=1"), edge("a", "b", "x=2"), edge("b", "a")]);
  const shown = mount(graph);
  expect(shown.root.querySelectorAll('[data-from="a"][data-to="b"]')).toHaveLength(2);
  await settle(() => {
    shown.taken.value = [2, 5, 6];
    shown.decisions.value = [decision(graph, "a", 1)];
  });
  expect(shown.edge("a", "b", 0).getAttribute("data-taken")).toBe("2");
  expect(shown.edge("a", "b", 0).hasAttribute("data-last")).toBe(false);
  expect(shown.edge("a", "b", 1).getAttribute("data-taken")).toBe("5");
  expect(shown.edge("a", "b", 1).getAttribute("data-last")).toBe("true");
  expect(shown.edge("a", "b", 1).textContent).toContain("×5");
  await settle(() => {
    shown.decisions.value = [decision(graph, "b", 0)];
  });
  expect(shown.edge("a", "b", 1).hasAttribute("data-last")).toBe(false);
  expect(shown.edge("b", "a").getAttribute("data-last")).toBe("true");
});

it("brings the running action of a large graph into view, unless the reader moved the picture", async () => {
  const graph = seeded(60);
  const shown = mount(graph);
  const far = graph.actions.at(-1)?.name ?? "";
  const run = (name: string): Promise<void> =>
    settle(() => {
      shown.nodes.value = { ...idle(graph), [name]: { status: "running", visits: 1 } };
    });
  const before = shown.view();
  await run(far);
  const followed = shown.view();
  expect(followed).not.toBe(before);

  await settle(() => drag(shown.svg, 40, 30));
  const moved = shown.view();
  expect(moved).not.toBe(followed);
  await run(graph.entrypoint);
  expect(shown.view()).toBe(moved);
  await settle(() => screen.getByRole("button", { name: "Follow" }).click());
  expect(shown.view()).not.toBe(moved);
  expect(screen.queryByRole("button", { name: "Follow" })).toBeNull();
});

it("leaves a plain wheel to the notebook and zooms with ctrl or cmd", async () => {
  const shown = mount(demo);
  const before = shown.view();
  const plain = new WheelEvent("wheel", { deltaY: 100, bubbles: true, cancelable: true });
  await settle(() => shown.svg.dispatchEvent(plain));
  expect(plain.defaultPrevented).toBe(false);
  expect(shown.view()).toBe(before);
  for (const key of ["ctrlKey", "metaKey"]) {
    const zooming = new WheelEvent("wheel", { deltaY: -50, bubbles: true, cancelable: true });
    Object.defineProperty(zooming, key, { value: true }); // happy-dom drops it
    const earlier = shown.view();
    await settle(() => shown.svg.dispatchEvent(zooming));
    expect(zooming.defaultPrevented).toBe(true);
    expect(shown.view()).not.toBe(earlier);
  }
});

it("lays out anew where it gets narrow, and only there", async () => {
  const shown = mount(demo);
  const place = (): string | null => shown.node("generate_poem").getAttribute("transform");
  const wide = place();
  await settle(() => resizeTo(700, 500));
  expect(place()).toBe(wide);
  await settle(() => resizeTo(320, 400));
  expect(place()).not.toBe(wide);
});

it("asks for the better layout of a large graph, and shows dagre's until it is there", async () => {
  const graph = seeded(30);
  let arrive: (engine: LayoutEngine) => void = () => {};
  const load = vi.fn(() => new Promise<LayoutEngine>((resolve) => (arrive = resolve)));
  const shown = mount(graph, load);
  const name = graph.actions[5]?.name ?? "";
  const first = shown.node(name).getAttribute("transform");
  expect(load).toHaveBeenCalledOnce();
  expect(shown.svg.getAttribute("data-layout")).toBe("first");
  arrive(async (request) => {
    const positions = layOut(request);
    for (const box of Object.values(positions.nodes)) box.x *= 2;
    return positions;
  });
  await eventually(() => expect(shown.svg.getAttribute("data-layout")).toBe("better"));
  expect(shown.node(name).getAttribute("transform")).not.toBe(first);
});

it("keeps dagre's layout when the better one fails, and says so", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const shown = mount(seeded(30), () => Promise.reject(new Error("the kernel is gone")));
  await eventually(() => expect(warned).toHaveBeenCalledOnce());
  expect(shown.svg.getAttribute("data-layout")).toBe("first");
  expect(shown.root.querySelectorAll("[data-action]")).toHaveLength(30);
});

it("does not ask for it when the graph is small", () => {
  const load = vi.fn(() => Promise.reject(new Error("not wanted")));
  mount(demo, load);
  expect(load).not.toHaveBeenCalled();
});

it("keeps its picture and the reader's view when an equal graph comes again, and draws another one", async () => {
  const props = { nodes: signal(idle(demo)), taken: signal([]), decisions: signal([]), steps: signal([]) };
  const { container, rerender } = render(<StateMachine graph={demo} {...props} />);
  await settle(() => screen.getByRole("button", { name: "Zoom in" }).click());
  const [node] = container.querySelectorAll("[data-action]");
  const view = container.querySelector("svg > g")?.getAttribute("style");
  rerender(<StateMachine graph={structuredClone(demo)} {...props} loadLayout={() => Promise.reject(new Error())} />);
  expect(container.querySelector("[data-action]")).toBe(node);
  expect(container.querySelector("svg > g")?.getAttribute("style")).toBe(view);
  rerender(<StateMachine graph={odd} {...props} />);
  await settle(() => {});
  expect([...container.querySelectorAll("[data-action]")].map((each) => each.getAttribute("data-action"))).toEqual(
    odd.actions.map(({ name }) => name),
  );
});

function drag(target: Element, dx: number, dy: number): void {
  const send = (type: string, x: number, y: number): boolean =>
    target.dispatchEvent(new PointerEvent(type, { clientX: x, clientY: y, pointerId: 1, bubbles: true }));
  send("pointerdown", 100, 100);
  send("pointermove", 100 + dx, 100 + dy);
  send("pointerup", 100 + dx, 100 + dy);
}

it("gives a count as much room as it takes", async () => {
  const { nodes, node } = mount(demo);
  const pill = () => Number(node("prompt").querySelector(".bcw-node-count rect")?.getAttribute("width"));
  const small = pill();
  await settle(() => {
    nodes.value = { ...nodes.value, prompt: { status: "running", visits: 12_345 } };
  });
  expect(node("prompt").querySelector(".bcw-node-count")?.textContent).toBe("×12345");
  expect(pill()).toBeGreaterThan(1.5 * small);
});
