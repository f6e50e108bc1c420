import { act, fireEvent, within } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import { say } from "./script";
import { setup } from "./setup";

const begun = [say.turn("t1", "hi"), say.step("t1", 1, "answer_question")];
const ended = [say.finished("t1", 1, "answer_question"), say.completed("t1")];
const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

const expanded = (button: HTMLElement) => button.getAttribute("aria-expanded");

describe("reasoning", () => {
  const events = [...begun, say.part("t1", 1, "reasoning:1", "reasoning", "Let me ")];

  test("is open while it streams and folds when the answer begins", () => {
    const { page, tell } = setup({ events });
    expect(expanded(page.getByRole("button", { name: "Thinking …" }))).toBe("true");
    tell(say.part("t1", 1, "reasoning:1", "reasoning", "see."));
    expect(page.getByText("Let me see.")).toBeTruthy();
    tell(say.text(1, "Yes."));
    expect(expanded(page.getByRole("button", { name: "Reasoning" }))).toBe("false");
    expect(page.queryByText("Let me see.")).toBeNull();
    expect(page.getByText("Yes.")).toBeTruthy();
  });

  test("folded by the reader, it stays folded, and opened by the reader, open", () => {
    const { page, tell } = setup({ events });
    const toggle = () => page.getByRole("button", { name: /Thinking|Reasoning/ });
    fireEvent.click(toggle());
    tell(say.part("t1", 1, "reasoning:1", "reasoning", "see."));
    expect(expanded(toggle())).toBe("false");
    fireEvent.click(toggle());
    expect(page.getByText("Let me see.")).toBeTruthy();
    tell(say.text(1, "Yes."), ...ended);
    expect(expanded(toggle())).toBe("true");
  });
});

describe("a call of a tool", () => {
  const call = (text: string, more = {}) => say.part("t1", 1, "tool:0", "tool-call", text, more);

  test("is one row, whose arguments grow", () => {
    const { page, tell } = setup({ events: [...begun, call('{"city": "Par', { name: "get_weather", call: "c1" })] });
    const row = page.getByRole("button", { name: "get_weather, being written" });
    expect(expanded(row)).toBe("false");
    expect(page.queryByRole("region", { name: "Arguments" })).toBeNull();
    fireEvent.click(row);
    const given = within(page.getByRole("region", { name: "Arguments" }));
    expect(given.getByText("Par")).toBeTruthy();
    tell(call('is", "days": [1, 2]}'));
    expect(given.getByText("Paris")).toBeTruthy();
    fireEvent.click(given.getByRole("button", { name: /days/ }));
    expect(given.getAllByText("2")).toHaveLength(1);
    expect(expanded(row)).toBe("true");
  });

  test("has its result in the same row", () => {
    const { page, articles, tell } = setup({ events: [...begun, call("{}", { name: "get_weather", call: "c1" })] });
    tell(say.finished("t1", 1, "answer_question"), say.step("t1", 2, "decide_mode"));
    tell(say.message("t1", 2, '{"sky": "clear"}', "tool-result", { role: "tool", call: "c1" }), say.completed("t1"));
    expect(articles()).toHaveLength(2);
    fireEvent.click(page.getByRole("button", { name: "get_weather, done" }));
    expect(within(page.getByRole("region", { name: "Result" })).getByText("clear")).toBeTruthy();
  });

  test("a result without a call has a row of its own, and is shown as it is", () => {
    const { page } = setup({
      events: [...begun, say.message("t1", 1, "<b>22 °C</b>", "tool-result", { name: "get_weather" }), ...ended],
    });
    fireEvent.click(page.getByRole("button", { name: "get_weather, done" }));
    expect(within(page.getByRole("region", { name: "Result" })).getByText("<b>22 °C</b>")).toBeTruthy();
    expect(page.queryByRole("region", { name: "Arguments" })).toBeNull();
  });

  test("arguments that are no JSON are shown as they are", () => {
    const { page } = setup({
      events: [...begun, say.message("t1", 1, "print(1)", "tool-call", { name: "run" }), ...ended],
    });
    fireEvent.click(page.getByRole("button", { name: "run, called" }));
    expect(within(page.getByRole("region", { name: "Arguments" })).getByText("print(1)")).toBeTruthy();
  });
});

describe("data", () => {
  const post = (value: unknown) => say.part("t1", 1, "data", "data", JSON.stringify(value), { keep: 0, name: "Post" });

  test("is a folded tree, made when it is unfolded", () => {
    const value = { title: "Rivers", tags: ["a", "b"], score: 3, "…": "12 more" };
    const { page } = setup({
      events: [...begun, say.message("t1", 1, JSON.stringify(value), "data", { name: "Post" }), ...ended],
    });
    const row = page.getByRole("button", { name: "Post" });
    expect(row.textContent).toContain('title: "Rivers", tags: [2 items], score: 3');
    expect(page.queryByRole("list", { name: "Post" })).toBeNull();
    fireEvent.click(row);
    const tree = within(page.getByRole("list", { name: "Post" }));
    expect(tree.getByText("Rivers")).toBeTruthy();
    expect(tree.getByText("12 more: left out")).toBeTruthy();
    const tags = tree.getByRole("button", { name: /tags/ });
    expect(expanded(tags)).toBe("false");
    fireEvent.click(tags);
    expect(tree.getByText("b")).toBeTruthy();
  });

  test("that grows is open, and what the reader has unfolded stays so", () => {
    const { page, tell } = setup({ events: [...begun, post({ title: "Riv", tags: ["a"] })] });
    const tree = within(page.getByRole("list", { name: "Post" }));
    fireEvent.click(tree.getByRole("button", { name: /tags/ }));
    tell(post({ title: "Rivers", tags: ["a", "banks"] }));
    expect(tree.getByText("Rivers")).toBeTruthy();
    expect(tree.getByText("banks")).toBeTruthy();
    tell(...ended);
    expect(expanded(page.getByRole("button", { name: "Post" }))).toBe("true");
  });

  test("a change in one place leaves the rest", () => {
    const { page, tell } = setup({ events: [...begun, post({ title: "Riv", n: 1 })] });
    const shown = '{"title":"Riv","n":1}';
    tell(say.part("t1", 1, "data", "data", "ers", { keep: shown.indexOf('","n'), tail: '","n":1}'.length }));
    expect(page.getByText("Rivers")).toBeTruthy();
    expect(page.getByText("1")).toBeTruthy();
  });

  test("of many entries some are shown, and more on request", () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`k${n}`, n]));
    const { page } = setup({ events: [...begun, post(many)] });
    expect(page.queryByText("k100")).toBeNull();
    act(() => page.getByRole("button", { name: "Show 100 more of 150" }).click());
    expect(page.getByText("k199")).toBeTruthy();
    expect(page.getByRole("button", { name: "Show 50 more of 50" })).toBeTruthy();
  });
});

describe("images", () => {
  const shown = (address: string, name?: string) =>
    setup({ events: [...begun, say.message("t1", 1, address, "image", name === undefined ? {} : { name }), ...ended] });

  test("in the message are shown", () => {
    expect(shown(PIXEL, "A dot").page.getByRole("img", { name: "A dot" }).getAttribute("src")).toBe(PIXEL);
  });

  test("elsewhere wait for the reader, who is told where they are", () => {
    const { page } = shown("https://example.org/a.png?x=1&copy=2");
    expect(page.queryByRole("img")).toBeNull();
    fireEvent.click(page.getByRole("button", { name: "Load image: (example.org)" }));
    const image = page.getByRole("img", { name: "Image" });
    expect(image.getAttribute("src")).toBe("https://example.org/a.png?x=1&copy=2");
    expect(image.getAttribute("referrerpolicy")).toBe("no-referrer");
  });

  test.each(["data:image/svg+xml;base64,PHN2Zz4=", "javascript:alert(1)", "/api/contents", "data:text/html,x"])(
    "%s is never shown",
    (address) => {
      const { page } = shown(address);
      expect(page.queryByRole("img")).toBeNull();
      expect(page.getByText(address)).toBeTruthy();
    },
  );
});

test("progress is a row that moves", () => {
  const at = (value: object) => say.part("t1", 1, "progress", "progress", JSON.stringify(value), { keep: 0 });
  const { page, tell, articles } = setup({ events: [...begun, at({ value: 0.3, message: "reading" })] });
  const bar = page.getByRole("progressbar", { name: "reading" });
  expect(bar.getAttribute("aria-valuenow")).toBe("30");
  tell(at({ value: 0.5, step: 2, total: 4 }));
  expect(page.getByRole("progressbar").getAttribute("aria-valuetext")).toBe("2 of 4");
  expect(articles()).toHaveLength(2);
});

test("code is Markdown with a fence, unless it has its own", () => {
  const fence = "```";
  const { articles } = setup({
    events: [
      ...begun,
      say.message("t1", 1, "x = 1\n", "code", { name: "python" }),
      say.message("t1", 1, `Look:\n${fence}\ny\n${fence}`, "code"),
      ...ended,
    ],
  });
  const texts = articles().map((article) => article.querySelector(".bcw-text")?.textContent);
  expect(texts.slice(1)).toEqual([`${fence}python\nx = 1\n${fence}`, `Look:\n${fence}\ny\n${fence}`]);
});

test("each step that streams has its own part, with its title once", () => {
  const { articles } = setup({
    events: [
      ...begun,
      say.part("t1", 1, "reasoning:1", "reasoning", "Hm."),
      say.text(1, "First."),
      say.finished("t1", 1, "answer_question"),
      say.step("t1", 2, "generate_poem"),
      say.text(2, "Second."),
      say.finished("t1", 2, "generate_poem"),
      say.completed("t1"),
    ],
  });
  const titles = articles().map((article) => article.querySelector(".bcw-by")?.textContent ?? null);
  expect(titles).toEqual([null, "answer question", null, "generate poem"]);
});
