import type { AnyModel } from "@anywidget/types";
import { act } from "@testing-library/preact";
import { afterEach, expect, test, vi } from "vitest";
import makeWidget from "../src/widget";

let leaving = new AbortController();

afterEach(() => {
  act(() => leaving.abort());
  leaving = new AbortController();
});

/** A model as a host has it, whose layout says whether there is a kernel at its other end; what it was sent. */
function shown(layout: object) {
  const send = vi.fn();
  const model = { get: (name: string) => (name === "layout" ? layout : undefined), send, on() {}, off() {} };
  const { signal } = leaving;
  const el = document.createElement("div");
  const given = {
    model: model as unknown as AnyModel,
    el,
    signal,
    experimental: undefined as never,
    host: undefined as never,
  };
  const widget = makeWidget();
  act(() => {
    widget.initialize(given);
    widget.render(given);
  });
  const empty = [...el.querySelectorAll(".bcw[data-view]")].map((view) => view.hasAttribute("data-empty"));
  return { el, send, empty };
}

test("a chat that Jupyter has made of a notebook's file says that no kernel has it", () => {
  const { el, send, empty } = shown({ model_id: "layout", comm_live: false });
  expect(el.textContent).toContain("Disconnected");
  expect(el.textContent).toContain("No kernel has this chat");
  expect(el.textContent).not.toContain("appears when");
  expect(empty).toEqual([true, true]);
  expect(send).not.toHaveBeenCalled();
});

test.each([{ model_id: "layout", comm_live: true }, { model_id: "layout" }])("any other says hello: %o", (layout) => {
  const { el, send, empty } = shown(layout);
  expect(el.textContent).toContain("Connecting");
  expect(empty).toEqual([false, false]);
  expect(send).toHaveBeenCalledWith(expect.objectContaining({ type: "hello" }));
});
