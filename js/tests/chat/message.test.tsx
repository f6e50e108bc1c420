import { signal } from "@preact/signals";
import { act, cleanup } from "@testing-library/preact";
import { options, type VNode } from "preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Choosing, choosersOf } from "../../src/chat/choosing";
import { type MessageProps, MessageView } from "../../src/chat/Message";
import { createPlain } from "../../src/chat/plain";
import type { MarkdownView } from "../../src/markdown/markdown";
import { eventually } from "../eventually";
import { exchange, liveStore, makeView, say } from "./script";
import { setup } from "./setup";

/** A view that keeps what it is told. */
function recorder() {
  const calls: unknown[][] = [];
  const markdown = (): MarkdownView => ({
    append: (text) => calls.push(["append", text]),
    replace: (text) => calls.push(["replace", text]),
    finish: () => {
      calls.push(["finish"]);
      return Promise.resolve();
    },
    destroy: () => calls.push(["destroy"]),
  });
  return { calls, markdown };
}

const begun = [say.turn("t1", "hi"), say.step("t1", 1, "generate_poem")];

describe("the text", () => {
  test("is fed what is new, once, and finished once", () => {
    const { calls, markdown } = recorder();
    const { tell } = setup({ events: begun, markdown });
    tell(say.text(1, "The "));
    tell(say.text(1, "river"));
    tell(say.notice("t1", "A remark.", 1));
    tell(say.finished("t1", 1, "generate_poem"));
    tell(say.completed("t1"));
    expect(calls).toEqual([["append", "The "], ["append", "river"], ["finish"]]);
    cleanup();
    expect(calls.at(-1)).toEqual(["destroy"]);
  });

  test("a new revision replaces it", () => {
    const { calls, markdown } = recorder();
    const { tell } = setup({ events: [...begun, say.text(1, "Te riv")], markdown });
    tell(say.replaced("t1", 1, "The river, longer"));
    tell(say.text(1, "!"));
    expect(calls).toEqual([
      ["append", "Te riv"],
      ["replace", "The river, longer"],
      ["append", "!"],
    ]);
  });

  test("a snapshot with the same text and more goes on where it was", () => {
    const { calls, markdown } = recorder();
    const { tell, store } = setup({ events: [...begun, say.text(1, "The ")], markdown });
    const view = structuredClone(store.view.value) ?? makeView();
    for (const message of view.messages) if (message.role === "assistant") message.text += "river";
    store.reset(view);
    tell(say.text(1, "s"));
    expect(calls.map(([name, text]) => (name === "append" ? text : name)).join("")).toBe("The rivers");
  });

  test("text that comes after its end replaces it", () => {
    const { calls, markdown } = recorder();
    const { tell, store } = setup({ events: [...begun, say.text(1, "The ")], markdown });
    store.setStopping("t1");
    tell(say.text(1, "river"));
    tell(say.finished("t1", 1, "generate_poem", { status: "stopped" }), say.stopped("t1"));
    expect(calls).toEqual([["append", "The "], ["finish"], ["replace", "The river"], ["finish"]]);
  });
});

describe("rendering", () => {
  const rendered: string[] = [];
  const before = options.diffed;
  beforeEach(() => {
    rendered.length = 0;
    options.diffed = (vnode: VNode) => {
      if (vnode.type === MessageView) rendered.push((vnode.props as unknown as MessageProps).message.key);
      before?.(vnode);
    };
  });
  afterEach(() => {
    if (before === undefined) delete options.diffed;
    else options.diffed = before;
  });

  test("a finished message does not render again when others change", () => {
    const { tell } = setup({ events: [...exchange("t1", 1, "one", "1"), ...exchange("t2", 2, "two", "2")] });
    expect(rendered).toEqual(["t1:prompt", "t1:1:text", "t2:prompt", "t2:2:text"]);
    rendered.length = 0;
    tell(say.turn("t3", "three"), say.step("t3", 3, "generate_poem"), say.text(3, "a"));
    // The second answer loses its times and its Retry button to the third.
    expect(rendered).toEqual(["t2:2:text", "t3:prompt", "t3:3:text"]);
    rendered.length = 0;
    for (let n = 0; n < 50; n++) tell(say.text(3, "b"));
    expect(new Set(rendered)).toEqual(new Set(["t3:3:text"]));
    expect(rendered).toHaveLength(50);
  });
});

test("of many messages at once the last are shown first, and all in the end", async () => {
  const many = Array.from({ length: 100 }, (_, n) => exchange(`t${n}`, n, `q${n}`, `a${n}`)).flat();
  const { articles, tell } = setup({ events: many });
  expect(articles()).toHaveLength(30);
  expect(articles().at(-1)?.textContent).toContain("a99");
  tell(say.turn("new", "newest"));
  expect(articles().at(-1)?.textContent).toContain("newest");
  await eventually(() => expect(articles()).toHaveLength(201));
  expect(articles()[0]?.textContent).toContain("q0");
}, 40_000);

test("one bad message shows an error in its place, and nothing else suffers", () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const markdown = (element: HTMLElement): MarkdownView => {
    const view = createPlain(element);
    return {
      ...view,
      append(text) {
        if (text.includes("bad")) throw new Error("cannot be laid out");
        view.append(text);
      },
    };
  };
  try {
    const { articles, tell } = setup({ events: exchange("t1", 1, "one", "good"), markdown });
    tell(...exchange("t2", 2, "two", "bad"));
    tell(...exchange("t3", 3, "three", "good again"));
    expect(articles().map((a) => a.querySelector(".bcw-text")?.textContent ?? null)).toEqual([
      "one",
      "good",
      "two",
      null,
      "three",
      "good again",
    ]);
    expect(articles()[3]?.textContent).toContain("This message could not be shown.");
    expect(articles()[3]?.textContent).toContain("cannot be laid out");
    expect(logged).toHaveBeenCalled();
  } finally {
    logged.mockRestore();
  }
});

test("a message that could not be shown is shown when it is another", () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const markdown = (element: HTMLElement): MarkdownView => {
    if (store.view.peek()?.messages.at(-1)?.text === "half") throw new Error("cannot be laid out");
    return createPlain(element);
  };
  const store = liveStore();
  try {
    const { articles, tell } = setup({ store, events: begun, markdown });
    tell(say.text(1, "half"));
    expect(articles()[1]?.textContent).toContain("This message could not be shown.");
    tell(say.notice("t1", "A remark elsewhere."));
    expect(articles()[1]?.textContent).toContain("This message could not be shown.");
    tell(say.text(1, " and whole"));
    expect(articles()[1]?.querySelector(".bcw-text")?.textContent).toBe("half and whole");
  } finally {
    logged.mockRestore();
  }
});

describe("to be chosen", () => {
  test("messages of steps have a button, while something is there that shows what is chosen", () => {
    const { store, page, articles } = setup({ events: exchange("t1", 1, "one", "good") });
    const chosen = signal<string | null>(null);
    const asked: string[] = [];
    const choosing: Choosing = {
      name: "Show it",
      message: chosen,
      choose({ key }) {
        asked.push(key);
        chosen.value = chosen.peek() === key ? null : key;
        return false;
      },
    };
    const buttons = () => page.queryAllByRole("button", { name: "Show it" });
    expect(buttons()).toEqual([]);
    act(() => {
      choosersOf(store).value = [choosing];
    });
    // Nothing is known of a prompt's step.
    expect(buttons().map((button) => button.closest("article"))).toEqual([articles()[1]]);
    const pressed = () => buttons()[0]?.getAttribute("aria-pressed");
    expect(pressed()).toBe("false");
    act(() => buttons()[0]?.click());
    expect([asked, pressed()]).toEqual([["t1:1:text"], "true"]);
    act(() => buttons()[0]?.click());
    expect(pressed()).toBe("false");
    act(() => {
      choosersOf(store).value = [];
    });
    expect(buttons()).toEqual([]);
  });

  test("what streams can be chosen too", () => {
    const { store, page } = setup({ events: [...begun, say.text(1, "The ")] });
    act(() => {
      choosersOf(store).value = [{ name: "Show it", message: signal("t1:1:text"), choose: () => false }];
    });
    expect(page.getByRole("button", { name: "Show it" }).getAttribute("aria-pressed")).toBe("true");
  });
});
