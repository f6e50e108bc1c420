import { act, fireEvent, within } from "@testing-library/preact";
import { describe, expect, test, vi } from "vitest";
import { inWords } from "../../src/chat/words";
import { createStore } from "../../src/store/store";
import { emptyComposer } from "../composer";
import { eventually } from "../eventually";
import { exchange, liveStore, makeView, say } from "./script";
import { press, setup } from "./setup";

describe("the page's contract", () => {
  test("a log of articles with roles and statuses", () => {
    const { page, articles, tell } = setup({ events: [say.turn("t1", "hi"), say.step("t1", 1, "generate_poem")] });
    const log = page.getByRole("log", { name: "Conversation" });
    tell(say.text(1, "The riv"));
    expect(articles().map((a) => [a.dataset.role, a.dataset.status])).toEqual([
      ["user", "done"],
      ["assistant", "streaming"],
    ]);
    expect(within(log).getAllByRole("article")).toEqual(articles());
    tell(say.finished("t1", 1, "generate_poem"), say.completed("t1"));
    expect(articles()[1]?.dataset.status).toBe("done");
    expect(page.getAllByRole("button", { name: "Edit" })).toHaveLength(1);
    expect(page.getByRole("textbox", { name: "Message" })).toBeTruthy();
    expect(page.getAllByRole("button", { name: "Copy" })).toHaveLength(2);
    expect(page.getAllByRole("button", { name: "Retry" })).toHaveLength(1);
    expect(page.getAllByRole("status")).toHaveLength(1);
  });

  test.each([
    ["generate_poem", "generate poem"],
    ["struct_", "struct_"],
    ["_load__all_", "_load all_"],
    ["__", "__"],
  ])("an action named %s is titled %s", (action, title) => {
    expect(inWords(action)).toBe(title);
  });

  test("the header says what this is, which model it talks to and whether the kernel is there", () => {
    const { page, store } = setup();
    const header = page.getByRole("region", { name: "Streaming chatbot" });
    expect(header.textContent).toContain("offline model (no network)");
    expect(header.textContent).toContain("Connected");
    act(() => {
      store.connection.value = "waiting";
    });
    expect(header.textContent).toContain("Kernel busy");
  });

  test("before the kernel has answered there is a chat, without a conversation", () => {
    const { page, message, articles } = setup({ store: createStore() });
    expect(page.getByRole("region", { name: "Chat" }).textContent).toContain("Connecting …");
    expect(articles()).toHaveLength(0);
    expect(message().readOnly).toBe(false);
  });
});

describe("steps that do not stream are seen", () => {
  const text = (container: Element) => container.querySelector(".bcw-typing")?.textContent ?? null;

  test("the action that runs has a name, and so have those before it", () => {
    const { container, tell, status } = setup({ events: [say.turn("t1", "hi")] });
    expect(text(container)).toBe("prompt …");
    tell(say.step("t1", 1, "prompt"), say.finished("t1", 1, "prompt"), say.step("t1", 2, "check_safety"));
    expect(text(container)).toBe("promptcheck_safety …");
    expect(status()).toBe("Running check_safety");
    tell(say.finished("t1", 2, "check_safety"), say.step("t1", 3, "generate_poem"));
    expect(text(container)).toBe("promptcheck_safetygenerate_poem …");
    tell(say.text(3, "A"));
    expect(text(container)).toBe(null);
    tell(say.finished("t1", 3, "generate_poem"));
    expect(text(container)).toBe(null);
    tell(say.step("t1", 4, "decide_mode"));
    expect(text(container)).toContain("decide_mode …");
  });

  test("of a loop the last six steps are named, and the others counted", () => {
    const { container, tell } = setup({ events: [say.turn("t1", "hi"), say.step("t1", 0, "prompt")] });
    const action = (n: number) => (n === 0 ? "prompt" : "decide_mode");
    const loop = Array.from({ length: 1206 }, (_, n) => [
      say.finished("t1", n, action(n)),
      say.step("t1", n + 1, "decide_mode"),
    ]);
    tell(...loop.flat());
    const row = container.querySelector(".bcw-typing") as HTMLElement;
    expect(row.querySelectorAll(".bcw-typing-done")).toHaveLength(7);
    expect(row.textContent).toBe(`… 1,200 steps${"decide_mode".repeat(7)} …`);
  });

  test("from submit on, before the kernel has begun, the prompt and the row are there", () => {
    const { actions, container, articles } = setup();
    act(() => {
      actions.send("hello", {});
    });
    expect(articles().map((a) => a.textContent)).toEqual(["helloCopy"]);
    expect(text(container)).toBe("");
  });
});

describe("status line", () => {
  test("says each state once, and no delta", async () => {
    const { container, tell } = setup();
    const line = container.querySelector(".bcw-status") as HTMLElement;
    const said: string[] = [];
    new MutationObserver(() => said.push(line.textContent ?? "")).observe(line, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    for (const event of [
      say.turn("t1", "hi"),
      say.step("t1", 1, "check_safety"),
      say.finished("t1", 1, "check_safety"),
      say.step("t1", 2, "generate_poem"),
      say.text(2, "a"),
      say.text(2, "b"),
      say.text(2, "c"),
      say.finished("t1", 2, "generate_poem"),
      say.completed("t1"),
    ]) {
      tell(event);
      await Promise.resolve();
    }
    expect(said.filter((words, n) => words !== said[n - 1])).toEqual([
      "Running prompt",
      "Running check_safety",
      "Running generate_poem",
      "Generating",
      "Complete",
    ]);
  });

  test("the log is busy while it streams, and does not read itself aloud", () => {
    const { page, tell } = setup({ events: [say.turn("t1", "hi"), say.step("t1", 1, "generate_poem")] });
    const log = page.getByRole("log");
    expect(log.getAttribute("aria-live")).toBe("off");
    tell(say.text(1, "a"));
    expect(log.getAttribute("aria-busy")).toBe("true");
    tell(say.finished("t1", 1, "generate_poem"), say.completed("t1"));
    expect(log.getAttribute("aria-busy")).toBe("false");
  });

  test("says why a turn failed", () => {
    const { status } = setup({ events: [say.turn("t1", "hi"), say.failed("t1", { message: "Too many requests." })] });
    expect(status()).toBe("Failed: Too many requests.");
  });
});

describe("stop", () => {
  const running = [say.turn("t1", "hi"), say.step("t1", 1, "generate_poem"), say.text(1, "The river")];

  test("the view closes at once; what the kernel held is shown when the turn has ended", () => {
    const { page, actions, articles, tell, status } = setup({ events: running });
    fireEvent.click(page.getByRole("button", { name: "Stop" }));
    expect(actions.asked).toEqual([{ stop: "t1" }]);
    expect(articles()[1]?.dataset.status).toBe("stopped");
    expect(articles()[1]?.textContent).toContain("Stopped");
    expect(status()).toBe("Stopped");
    tell(say.text(1, " runs on"));
    expect(articles()[1]?.textContent).not.toContain("runs on");
    tell(say.finished("t1", 1, "generate_poem", { status: "stopped" }), say.stopped("t1"));
    expect(articles()[1]?.textContent).toContain("The river runs on");
    expect(articles()[1]?.textContent).toContain("not kept in the application’s state");
    expect(articles()[1]?.dataset.status).toBe("stopped");
    expect(status()).toBe("Stopped");
  });

  test("a silent step is stopped at once too", () => {
    const { page, articles, tell, container } = setup({
      events: [say.turn("t1", "hi"), say.step("t1", 1, "check_safety")],
    });
    fireEvent.click(page.getByRole("button", { name: "Stop" }));
    expect(articles().map((a) => a.dataset.status)).toEqual(["done", "stopped"]);
    expect(container.querySelector(".bcw-typing")).toBe(null);
    tell(say.finished("t1", 1, "check_safety", { status: "stopped" }), say.stopped("t1"));
    expect(articles().map((a) => a.dataset.status)).toEqual(["done", "stopped"]);
  });

  test("Escape anywhere in the chat stops, and nothing when nothing runs", () => {
    const { page, actions, tell } = setup({ events: running });
    press(page.getByRole("log"), "Escape");
    expect(actions.asked).toEqual([{ stop: "t1" }]);
    tell(say.stopped("t1"));
    expect(press(page.getByRole("log"), "Escape")).toBe(true);
    expect(actions.asked).toHaveLength(1);
  });

  test("asked for before the turn has begun, it stops the turn once it begins", () => {
    const { page, message, actions, tell } = setup();
    fireEvent.input(message(), { target: { value: "hello" } });
    press(message(), "Enter");
    fireEvent.click(page.getByRole("button", { name: "Stop" }));
    expect(actions.asked).toEqual([{ send: "hello" }]);
    expect(page.getByRole("button", { name: "Stop" }).getAttribute("aria-disabled")).toBe("true");
    tell(say.turn("t1", "hello", { request: "r1" }));
    expect(actions.asked).toEqual([{ send: "hello" }, { stop: "t1" }]);
  });
});

describe("messages", () => {
  test("each kind has its look, and the first message of each step its action", () => {
    const { articles } = setup({
      events: [
        say.turn("t1", "hi"),
        say.step("t1", 1, "answer_question"),
        say.text(1, "First"),
        say.message("t1", 1, "print(1)\n", "code"),
        say.message("t1", 1, "It broke", "error"),
        say.message("t1", 1, "a cat", "image"),
        say.finished("t1", 1, "answer_question"),
        say.step("t1", 2, "generate_poem"),
        say.item("t1", 2, "{'x': 1}"),
        say.item("t1", 2, "{'x': 2}"),
        say.finished("t1", 2, "generate_poem"),
        say.notice("t1", "History was cut."),
        say.completed("t1"),
      ],
    });
    const seen = articles().map((a) => [
      a.querySelector(".bcw-by")?.textContent ?? null,
      a.querySelector(".bcw-text, .bcw-code, .bcw-error, .bcw-remark")?.className,
      a.querySelector(".bcw-text, .bcw-code, .bcw-error, .bcw-remark")?.textContent,
    ]);
    expect(seen).toEqual([
      [null, "bcw-text bcw-plain", "hi"],
      ["answer question", "bcw-text", "First"],
      [null, "bcw-text", "```\nprint(1)\n```"],
      [null, "bcw-error", "It broke"],
      [null, "bcw-remark", "An image that cannot be shown here: a cat"],
      ["generate poem", "bcw-code", "{'x': 1}\n{'x': 2}\n"],
      [null, "bcw-remark", "History was cut."],
    ]);
  });

  test("a notice about a step stands under its message", () => {
    const { articles } = setup({
      events: [
        say.turn("t1", "hi"),
        say.step("t1", 1, "generate_poem"),
        say.text(1, "A"),
        say.notice("t1", "One character could not be read.", 1),
      ],
    });
    expect(articles()).toHaveLength(2);
    expect(articles()[1]?.textContent).toContain("One character could not be read.");
  });

  test("an error is a bubble in place: words, remedy, folded traceback, Retry", () => {
    const { articles, actions, message } = setup({
      events: [
        say.turn("t1", "hi"),
        say.step("t1", 1, "generate_poem"),
        say.text(1, "The ri"),
        say.finished("t1", 1, "generate_poem", { status: "failed" }),
        say.failed("t1"),
      ],
    });
    const article = articles()[1] as HTMLElement;
    expect(article.dataset.status).toBe("failed");
    expect(article.textContent).toContain("The ri");
    expect(article.textContent).toContain("too much was asked of it");
    expect(article.textContent).toContain("Wait a little and retry.");
    expect(article.textContent).toContain("not kept in the application’s state");
    const details = article.querySelector("details") as HTMLDetailsElement;
    expect(details.open).toBe(false);
    expect(details.textContent).toContain("RateLimitError: 429");
    fireEvent.click(within(article).getByRole("button", { name: "Retry" }));
    expect(actions.asked).toEqual([{ retry: "t1" }]);
    expect(document.activeElement).toBe(message());
  });

  test("a retry that is refused says so, also when the application takes no more messages", () => {
    const { page, tell } = setup({
      events: [...exchange("t1", 1, "one", "1"), say.composer({ enabled: false, hint: "The application has ended." })],
    });
    fireEvent.click(page.getByRole("button", { name: "Retry" }));
    expect(page.getByRole("button", { name: "Stop" })).toBeTruthy();
    tell(say.refused("r1", "It is not the last turn."));
    expect(page.getByText("Not done: It is not the last turn.")).toBeTruthy();
  });

  test("the last answer has the times of its work, without those that it was held", () => {
    const { articles } = setup({
      events: [...exchange("t1", 1, "one", "1"), ...exchange("t2", 2, "two", "2")],
    });
    expect(articles()[1]?.querySelector(".bcw-figures")).toBe(null);
    expect(articles()[3]?.querySelector(".bcw-figures")?.textContent).toBe(
      "first delta 50 ms · total 550 ms · 50 deltas/s",
    );
  });
});

test("a prompt keeps its element when the kernel has it", () => {
  const { articles, store, tell } = setup();
  act(() => store.setPending({ request: "r1", text: "hi" }));
  const sent = articles()[0];
  expect(sent?.textContent).toContain("hi");
  tell(say.turn("t1", "hi", { request: "r1" }));
  expect(articles()).toEqual([sent]);
  expect(articles()[0]).toBe(sent);
});

test("a kernel lost in mid-stream leaves the answer cut off, not streaming", () => {
  const { articles, page, store } = setup({
    events: [say.turn("t1", "hi"), say.step("t1", 1, "generate_poem"), say.text(1, "Half an ans")],
  });
  act(() => {
    store.connection.value = "lost";
  });
  expect(articles()[1]?.dataset.status).toBe("stopped");
  expect(articles()[1]?.textContent).toContain("Half an ans");
  expect(articles()[1]?.textContent).toContain("Cut off: the kernel is gone.");
  expect(page.getByRole("log").getAttribute("aria-busy")).toBe("false");
});

test("the times say when not every delta has one", () => {
  const { articles } = setup({
    events: exchange("t1", 1, "one", "1").map((event) => (event.type === "text" ? { ...event, thinned: true } : event)),
  });
  expect(articles()[1]?.querySelector(".bcw-figures")?.textContent).toContain("not every delta has a time of its own");
});

describe("copy", () => {
  test("the source is copied, and that is said for a moment", async () => {
    vi.useFakeTimers();
    const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
    try {
      const { articles } = setup({ events: exchange("t1", 1, "hi", "**bold**") });
      const article = articles()[1] as HTMLElement;
      fireEvent.click(within(article).getByRole("button", { name: "Copy" }));
      expect(write).toHaveBeenCalledWith("**bold**");
      await eventually(() => expect(article.textContent).toContain("Copied"));
      vi.runAllTimers();
      await eventually(() => expect(article.textContent).not.toContain("Copied"));
    } finally {
      write.mockRestore();
      vi.useRealTimers();
    }
  });
});

test.each([
  ["tool-call", '{"id": 12345678901234567890, "x": 1.0}', '{\n  "id": 12345678901234567890,\n  "x": 1.0\n}'],
  ["data", '{"2": 1, "1": 2}', '{\n  "2": 1,\n  "1": 2\n}'],
  ["data", '"a text"', '"a text"'],
] as const)("of a %s, %s is copied as it was written", async (kind, text, copy) => {
  const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  try {
    const begun = [say.turn("t1", "hi"), say.step("t1", 1, "generate_poem")];
    const { articles } = setup({ events: [...begun, say.message("t1", 1, text, kind), say.completed("t1")] });
    fireEvent.click(within(articles()[1] as HTMLElement).getByRole("button", { name: "Copy" }));
    expect(write.mock.calls).toEqual([[copy]]);
    await within(articles()[1] as HTMLElement).findByText("Copied");
  } finally {
    write.mockRestore();
  }
});

test("of an error without a text, the error is copied", async () => {
  const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  try {
    const { articles } = setup({ events: [say.turn("t1", "hi"), say.failed("t1", { traceback: "Trace" })] });
    fireEvent.click(within(articles()[1] as HTMLElement).getByRole("button", { name: "Copy" }));
    expect(write.mock.calls[0]?.[0]).toMatch(/^The model's provider .*\n\nWait a little and retry\.\n\nTrace$/);
    await within(articles()[1] as HTMLElement).findByText("Copied");
  } finally {
    write.mockRestore();
  }
});

describe("while nothing is said", () => {
  test("suggestions send, and leave with the first message", () => {
    const { page, actions, tell, message } = setup();
    fireEvent.click(page.getByRole("button", { name: "What is a state machine?" }));
    expect(actions.asked).toEqual([{ send: "What is a state machine?" }]);
    expect(document.activeElement).toBe(message());
    expect(page.queryByRole("button", { name: "What is a state machine?" })).toBe(null);
    tell(say.turn("t1", "What is a state machine?", { request: "r1" }));
    expect(page.queryByRole("button", { name: "Write a poem about rivers" })).toBe(null);
  });

  test("an application that takes no message has no suggestions", () => {
    const view = makeView({ composer: emptyComposer });
    const { page } = setup({ store: liveStore(view) });
    expect(page.getAllByRole("button").map((button) => button.textContent)).toEqual(["Run"]);
  });
});
