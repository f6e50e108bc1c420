import { signal } from "@preact/signals";
import { act, fireEvent, within } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import type { Step } from "../../src/protocol.gen";
import { fold } from "../../src/store/fold";
import { past } from "../../src/store/past";
import { exchange, forked, liveStore, makeView, say, three } from "./script";
import { press, setup } from "./setup";

type Setup = ReturnType<typeof setup>;

const button = (article: HTMLElement | undefined, name: string) =>
  within(article as HTMLElement).getByRole("button", { name });
const texts = ({ articles }: Setup) => articles().map((a) => a.querySelector(".bcw-text")?.textContent ?? null);
const rests = (element: HTMLElement) => element.getAttribute("aria-disabled") === "true";
const editor = ({ page }: Setup) => page.getByRole("textbox", { name: "Edit message" }) as HTMLTextAreaElement;

describe("retry", () => {
  test("is on the last message of each turn, and rests while one runs", () => {
    const chat = setup({ events: three });
    const { articles, actions, tell } = chat;
    expect(articles().map((a) => within(a).queryAllByRole("button", { name: "Retry" }).length)).toEqual([
      0, 1, 0, 1, 0, 1,
    ]);
    fireEvent.click(button(articles()[3], "Retry"));
    expect(actions.asked).toEqual([{ retry: "t2" }]);
    // What came after is gone at once; the kernel has it, on the branch before.
    expect(texts(chat)).toEqual(["one", "1", "two"]);
    const first = articles()[0];
    const prompt = articles()[2];
    expect(rests(button(articles()[1], "Retry"))).toBe(true);
    fireEvent.click(button(articles()[1], "Retry"));
    expect(actions.asked).toHaveLength(1);

    act(() => chat.store.reset(exchange("t1", 1, "one", "1").reduce(fold, makeView({ branch: "b2" }))));
    tell(say.turn("t4", "two", { request: "r1", siblings: ["t2", "t4"] }), say.step("t4", 4, "generate_poem"));
    expect(texts(chat)).toEqual(["one", "1", "two"]);
    expect(articles()[0]).toBe(first);
    expect(articles()[2]).toBe(prompt);
    expect(chat.page.queryByRole("group", { name: "Version 2 of 2" })).toBe(null);
    tell(say.text(4, "again"));
    expect(rests(button(articles()[3], "Previous version"))).toBe(true);
    tell(say.finished("t4", 4, "generate_poem"), say.completed("t4"));
    expect(rests(button(articles()[3], "Previous version"))).toBe(false);
    expect(rests(button(articles()[1], "Retry"))).toBe(false);
  });

  test("a last turn that was stopped is run again in its place", () => {
    const chat = setup({
      events: [
        ...exchange("t1", 1, "one", "1"),
        say.turn("t2", "two"),
        say.step("t2", 2, "generate_poem"),
        say.text(2, "ha"),
        say.finished("t2", 2, "generate_poem", { status: "stopped" }),
        say.stopped("t2"),
      ],
    });
    expect(chat.articles()[3]?.textContent).toContain("A stopped turn is not kept");
    fireEvent.click(button(chat.articles()[3], "Retry"));
    expect(texts(chat)).toEqual(["one", "1", "two"]);
    chat.tell(
      ...exchange("t3", 3, "two", "whole", "r1").map((e) => (e.type === "turn-started" ? { ...e, replaces: "t2" } : e)),
    );
    expect(texts(chat)).toEqual(["one", "1", "two", "whole"]);
    expect(chat.page.queryByText(/is not kept/)).toBe(null);
  });

  test("what is refused comes back", () => {
    const chat = setup({ events: three });
    fireEvent.click(button(chat.articles()[1], "Retry"));
    expect(texts(chat)).toEqual(["one"]);
    chat.tell(say.refused("r1", "It is not kept any more."));
    expect(texts(chat)).toEqual(["one", "1", "two", "2", "three", "3"]);
    expect(chat.page.getByText("Not done: It is not kept any more.")).toBeTruthy();
  });

  test("without a kernel nothing is offered, and the arrows rest", () => {
    const chat = setup({ store: liveStore(forked("t2")) });
    act(() => {
      chat.store.connection.value = "lost";
    });
    expect(chat.page.queryByRole("button", { name: "Retry" })).toBe(null);
    expect(chat.page.queryByRole("button", { name: "Edit" })).toBe(null);
    expect(rests(chat.page.getByRole("button", { name: "Next version" }))).toBe(true);
  });
});

describe("edit", () => {
  test("Enter sends the prompt as it is now, and the focus goes to the composer", () => {
    const chat = setup({ events: three });
    const { articles, actions, message } = chat;
    fireEvent.click(button(articles()[2], "Edit"));
    expect(document.activeElement).toBe(editor(chat));
    expect([editor(chat).value, editor(chat).selectionStart]).toEqual(["two", 3]);
    fireEvent.input(editor(chat), { target: { value: "two, edited" } });
    expect(press(editor(chat), "Enter", { isComposing: true })).toBe(true);
    expect(actions.asked).toEqual([]);
    press(editor(chat), "Enter");
    expect(actions.asked).toEqual([{ retry: "t2", text: "two, edited" }]);
    expect(texts(chat)).toEqual(["one", "1", "two, edited"]);
    expect(document.activeElement).toBe(message());
  });

  test("Escape leaves it as it was, with the focus where it came from", () => {
    const chat = setup({ events: three });
    fireEvent.click(button(chat.articles()[0], "Edit"));
    fireEvent.input(editor(chat), { target: { value: "something else" } });
    press(editor(chat), "Escape");
    expect(texts(chat)[0]).toBe("one");
    expect(document.activeElement).toBe(button(chat.articles()[0], "Edit"));
    expect(chat.actions.asked).toEqual([]);
  });

  test("Shift+Enter breaks the line, and nothing empty is sent", () => {
    const chat = setup({ events: three });
    fireEvent.click(button(chat.articles()[0], "Edit"));
    press(editor(chat), "Enter", { shiftKey: true });
    expect(editor(chat).value).toBe("one\n");
    fireEvent.input(editor(chat), { target: { value: " \n" } });
    expect(rests(chat.page.getByRole("button", { name: "Send edit" }))).toBe(true);
    press(editor(chat), "Enter");
    expect(chat.actions.asked).toEqual([]);
  });

  test("unchanged, it is the same prompt once more", () => {
    const chat = setup({ events: three });
    fireEvent.click(button(chat.articles()[4], "Edit"));
    fireEvent.click(chat.page.getByRole("button", { name: "Send edit" }));
    expect(chat.actions.asked).toEqual([{ retry: "t3" }]);
  });

  test("while a turn runs it waits, and Escape does not stop that", () => {
    const chat = setup({ events: three });
    fireEvent.click(button(chat.articles()[0], "Edit"));
    chat.tell(say.turn("t4", "from Python"));
    expect(rests(button(chat.articles()[2], "Edit"))).toBe(true);
    press(editor(chat), "Enter");
    press(editor(chat), "Escape");
    expect(chat.actions.asked).toEqual([]);
    expect(texts(chat)[0]).toBe("one");
  });

  test("what a form was answered cannot be edited", () => {
    const { page } = setup({ events: [say.turn("t1", "amount: 3", { editable: false }), say.completed("t1")] });
    expect(page.queryByRole("button", { name: "Edit" })).toBe(null);
    expect(page.getByRole("button", { name: "Retry" })).toBeTruthy();
  });

  test("when it is refused, what was written is in the composer", () => {
    const chat = setup({ events: three });
    fireEvent.click(button(chat.articles()[0], "Edit"));
    fireEvent.input(editor(chat), { target: { value: "one, better" } });
    press(editor(chat), "Enter");
    chat.tell(say.refused("r1", "It is not kept any more."));
    expect(texts(chat)).toEqual(["one", "1", "two", "2", "three", "3"]);
    expect(chat.message().value).toBe("one, better");
    expect(chat.page.getByText("Not sent: It is not kept any more.")).toBeTruthy();
  });
});

describe("versions", () => {
  test("another one is shown, and the focus stays on the arrows", () => {
    const chat = setup({ store: liveStore(forked("t2")) });
    const { page, articles, actions, store } = chat;
    const group = page.getByRole("group", { name: "Version 1 of 2" });
    expect(group.textContent).toBe("‹1/2›");
    expect(rests(within(group).getByRole("button", { name: "Previous version" }))).toBe(true);
    const first = articles()[0];
    const next = within(group).getByRole("button", { name: "Next version" });
    next.focus();
    fireEvent.click(next);
    expect(actions.asked).toEqual([{ show: "t4" }]);
    // Not twice while the kernel has not answered.
    expect(rests(next)).toBe(true);
    fireEvent.click(next);
    expect(actions.asked).toHaveLength(1);
    act(() => store.reset({ ...forked("t4"), accepted: ["r1"] }));
    expect(texts(chat)).toEqual(["one", "1", "two, edited", "4", "five", "5"]);
    expect(articles()[0]).toBe(first);
    const now = page.getByRole("group", { name: "Version 2 of 2" });
    expect(document.activeElement).toBe(within(now).getByRole("button", { name: "Next version" }));
    expect(rests(within(now).getByRole("button", { name: "Next version" }))).toBe(true);
    fireEvent.click(within(now).getByRole("button", { name: "Previous version" }));
    expect(actions.asked).toEqual([{ show: "t4" }, { show: "t2" }]);
  });

  test("from the past, it leads back to now", () => {
    const view = forked("t2");
    const { store, page, actions } = setup({ store: liveStore(view) });
    const step = view.steps[1] as Step;
    act(() => {
      store.past.value = { step, view: past(view, step.step), isNew: signal(false) };
    });
    fireEvent.click(page.getByRole("button", { name: "Next version" }));
    expect(store.past.value).toBe(null);
    expect(actions.asked).toEqual([{ show: "t4" }]);
  });

  test("why it could not be shown is said", () => {
    const chat = setup({ store: liveStore(forked("t2")) });
    fireEvent.click(chat.page.getByRole("button", { name: "Next version" }));
    chat.tell(say.refused("r1", "A turn is running."));
    expect(chat.page.getByText("Not done: A turn is running.")).toBeTruthy();
    expect(rests(chat.page.getByRole("button", { name: "Next version" }))).toBe(false);
  });

  test("a long branch is shown whole, so that the place is there to stay at", () => {
    const view = forked("t2");
    const { store, page, articles } = setup({ store: liveStore(view) });
    fireEvent.click(page.getByRole("button", { name: "Next version" }));
    const many = Array.from({ length: 60 }, (_, n) => exchange(`m${n}`, 10 + n, `q${n}`, `a${n}`)).flat();
    act(() => store.reset({ ...many.reduce(fold, forked("t4")), accepted: ["r1"] }));
    expect(articles()).toHaveLength(126);
  });
});
