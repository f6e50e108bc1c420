import { cleanup, fireEvent, render, within } from "@testing-library/preact";
import { afterEach, describe, expect, test } from "vitest";
import type { Step } from "../../src/protocol.gen";
import "../../src/theme.css";
import { SpanTree } from "../../src/spans/SpanTree";
import { compared, span, step } from "./samples";

afterEach(cleanup);

function show(width: number, ...steps: Step[]) {
  const { container } = render(<SpanTree steps={steps} label="Inside" />);
  const root = container as HTMLElement;
  root.className = "bcw";
  root.style.cssText = `width: ${width}px; margin: 0`;
  return { root, page: within(root) };
}

function unfoldAll(root: HTMLElement): void {
  for (const button of root.querySelectorAll<HTMLElement>('[aria-expanded="false"]')) fireEvent.click(button);
}

const box = (element: Element | null) => (element as Element).getBoundingClientRect();

describe.each([240, 320, 700])("%d pixels wide", (width) => {
  test("nothing is wider than its place", () => {
    const { root } = show(width, compared("failed"));
    for (let level = 0; level < 3; level++) unfoldAll(root);
    const right = box(root).right;
    for (const element of root.querySelectorAll(".bcw-spans *:not(.bcw-unseen)")) {
      expect(box(element).right, element.outerHTML).toBeLessThanOrEqual(right + 0.5);
    }
    expect(root.scrollWidth).toBeLessThanOrEqual(width);
  });

  test("title, figures and the outcome of a row are all to be seen, apart from each other", () => {
    const { root } = show(width, compared("failed"));
    const [, failed] = root.querySelectorAll(".bcw-spans-row");
    const [title, about, figures, outcome] = ["title", "about", "figures", "outcome"].map((part) =>
      box((failed as Element).querySelector(`.bcw-spans-${part}`)),
    ) as [DOMRect, DOMRect, DOMRect, DOMRect];
    for (const part of [title, figures, outcome]) expect(part.width).toBeGreaterThan(25);
    expect(title.right).toBeLessThanOrEqual(about.left);
    expect(about.right).toBeLessThanOrEqual(figures.left);
    expect(figures.top).toBeLessThan(title.bottom);
    if (width < 520) expect(outcome.top).toBeGreaterThanOrEqual(title.bottom - 1);
    else expect(outcome.right).toBeLessThanOrEqual(figures.left);
  });
});

test("in a narrow place, how far a row is has a line of its own", () => {
  const { root } = show(300, compared("running"));
  const [, running] = root.querySelectorAll(".bcw-spans-row");
  const [about, figures] = ["about", "figures"].map((part) => (running as Element).querySelector(`.bcw-spans-${part}`));
  expect(figures?.textContent).toBe("answer runs · 3 deltas");
  expect(box(figures ?? null).top).toBeGreaterThanOrEqual(box(about ?? null).bottom - 1);
  expect(box(figures ?? null).height).toBeLessThan(20);
});

test("a title with nothing beside it has the room", () => {
  const { root } = show(260, step(1, "a", { spans: [span(1, { name: "parse all of the questions" })] }));
  const title = root.querySelector(".bcw-spans-title") as HTMLElement;
  expect(title.scrollWidth).toBe(title.clientWidth);
});

test("however deep it goes, there is room for the row", () => {
  const spans = Array.from({ length: 30 }, (_, index) => span(index + 1, { parent: index === 0 ? null : index }));
  const { root } = show(320, step(1, "a", { spans }));
  for (let level = 0; level < 30; level++) unfoldAll(root);
  const titles = [...root.querySelectorAll(".bcw-spans-title")];
  expect(titles).toHaveLength(30);
  for (const title of titles) expect(box(title).width).toBeGreaterThan(20);
});
