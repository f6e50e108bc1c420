import { afterEach, beforeEach, expect, test, vi } from "vitest";
import view from "../../src/view";

type Given = Parameters<typeof view.render>[0];

let leaving: AbortController;
beforeEach(() => {
  leaving = new AbortController();
});
afterEach(() => leaving.abort());

/** A view whose chat answers when the test says so. */
function shown() {
  let resolve: (chat: object) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const chat = new Promise<object>((...answers) => {
    [resolve, reject] = answers;
  });
  const el = document.createElement("div");
  const mount = vi.fn();
  const model = { get: (name: string) => ({ chat: "anywidget:c", view: "graph" })[name] };
  const host = { getWidget: () => chat };
  const given = { model, el, signal: leaving.signal, host } as unknown as Given;
  const rendered = view.render(given);
  return {
    el,
    mount,
    answer: () => {
      resolve({ exports: { mount } });
      return rendered;
    },
    fail: () => {
      reject(new Error("no such model"));
      return rendered;
    },
  };
}

test("a further view is mounted by its chat", async () => {
  const { el, mount, answer } = shown();
  await answer();
  expect(mount).toHaveBeenCalledWith("graph", el, leaving.signal, undefined);
});

test("one whose chat is gone says so", async () => {
  const { el, fail } = shown();
  await fail();
  expect(el.querySelector('[role="alert"]')?.textContent).toContain("no such model");
});

test.each(["answer", "fail"] as const)(
  "of one whose cell is gone before its chat can %s nothing is made",
  async (does) => {
    const page = shown();
    leaving.abort();
    await page[does]();
    expect([page.mount.mock.calls, page.el.childElementCount]).toEqual([[], 0]);
  },
);
