import { act, fireEvent, render, within } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import { DEFAULTS } from "../../src/settings";
import { createStore } from "../../src/store/store";
import { emptyComposer } from "../composer";
import { exchange, liveStore, makeView, say } from "./script";
import { press, setup, type } from "./setup";

const running = [say.turn("t1", "hi"), say.step("t1", 1, "generate_poem"), say.text(1, "The river")];

describe("keys", () => {
  test.each([{}, { ctrlKey: true }, { metaKey: true }])("Enter with %o sends", (more) => {
    const { actions, message } = setup();
    type(message(), "hello\nworld ");
    expect(press(message(), "Enter", more)).toBe(false);
    expect(actions.asked).toEqual([{ send: "hello\nworld " }]);
    expect(message().value).toBe("");
    expect(document.activeElement).toBe(message());
  });

  test("the sent text is gone before the next key", () => {
    const { message } = setup();
    type(message(), "hello");
    message().dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    expect(message().value).toBe("");
  });

  test("nothing is sent of white space", () => {
    const { actions, message } = setup();
    type(message(), " \n ");
    press(message(), "Enter");
    expect(actions.asked).toEqual([]);
  });

  test("Shift+Enter breaks the line at the caret, even where the host cancels the browser's way", () => {
    const { message, actions } = setup();
    type(message(), "ab");
    message().setSelectionRange(1, 1);
    expect(press(message(), "Enter", { shiftKey: true })).toBe(false);
    expect(message().value).toBe("a\nb");
    expect(actions.asked).toEqual([]);
    press(message(), "Enter");
    expect(actions.asked).toEqual([{ send: "a\nb" }]);
  });

  test("where Ctrl+Enter sends, Enter breaks the line, and it says so at once", () => {
    const { store, actions, message, container } = setup();
    const keys = () => container.querySelector(".bcw-keys")?.textContent;
    expect(keys()).toBe("Enter sends · Shift+Enter breaks the line");
    act(() => {
      store.settings.value = { ...DEFAULTS, sendKey: "Ctrl+Enter" };
    });
    expect(keys()).toBe("Ctrl+Enter sends · Enter breaks the line");
    type(message(), "ab");
    message().setSelectionRange(1, 1);
    expect(press(message(), "Enter")).toBe(false);
    expect(message().value).toBe("a\nb");
    press(message(), "Enter", { ctrlKey: true });
    expect(actions.asked).toEqual([{ send: "a\nb" }]);
  });

  test.each([{ isComposing: true }, { keyCode: 229 }])("with %o the keys are the input method's", (more) => {
    const { actions, message } = setup({ events: running });
    type(message(), "にほ");
    expect(press(message(), "Enter", more)).toBe(true);
    press(message(), "Escape", more);
    expect(actions.asked).toEqual([]);
    expect(message().value).toBe("にほ");
  });

  test("Up and Down recall earlier prompts in an empty composer only", () => {
    const { message } = setup({ events: [...exchange("t1", 1, "one", "1"), ...exchange("t2", 2, "two", "2")] });
    press(message(), "ArrowUp");
    expect(message().value).toBe("two");
    press(message(), "ArrowUp");
    expect(message().value).toBe("one");
    press(message(), "ArrowUp");
    expect(message().value).toBe("one");
    press(message(), "ArrowDown");
    expect(message().value).toBe("two");
    press(message(), "ArrowDown");
    expect(message().value).toBe("");
    type(message(), "mine");
    expect(press(message(), "ArrowUp")).toBe(true);
    expect(message().value).toBe("mine");
  });

  test.each([
    [
      "sent with the button",
      ({ page }: ReturnType<typeof setup>) => fireEvent.click(page.getByRole("button", { name: "Send" })),
    ],
    ["taken out", ({ message }: ReturnType<typeof setup>) => type(message(), "")],
  ])("a recalled prompt that was %s is recalled again", (_, leave) => {
    const made = setup({ events: [...exchange("t1", 1, "one", "1"), ...exchange("t2", 2, "two", "2")] });
    const { message } = made;
    press(message(), "ArrowUp");
    press(message(), "ArrowUp");
    expect(message().value).toBe("one");
    leave(made);
    expect(message().value).toBe("");
    press(message(), "ArrowUp");
    expect(message().value).toBe("two");
  });

  test("so is one that was queued with the button", () => {
    const { page, message } = setup({ events: [...exchange("t1", 1, "one", "1"), say.turn("t2", "two")] });
    press(message(), "ArrowUp");
    fireEvent.click(page.getByRole("button", { name: "Queue" }));
    expect(message().value).toBe("");
    press(message(), "ArrowUp");
    expect(message().value).toBe("two");
  });

  test.each(["shiftKey", "ctrlKey", "altKey", "metaKey"])("with %s an arrow is the browser's", (modifier) => {
    const { message } = setup({ events: [...exchange("t1", 1, "one", "1"), ...exchange("t2", 2, "two", "2")] });
    press(message(), "ArrowUp");
    expect(press(message(), "ArrowUp", { [modifier]: true })).toBe(true);
    expect(press(message(), "ArrowDown", { [modifier]: true })).toBe(true);
    expect(message().value).toBe("two");
  });

  test("a recalled prompt that was edited is the reader's own", () => {
    const { message } = setup({ events: exchange("t1", 1, "one", "1") });
    press(message(), "ArrowUp");
    type(message(), "one more");
    expect(press(message(), "ArrowDown")).toBe(true);
    expect(message().value).toBe("one more");
  });
});

describe("Send and Stop are one place", () => {
  test("Stop from submit on, Send when the turn has ended; the focus is the composer's", () => {
    const { page, message, tell } = setup();
    type(message(), "hello");
    fireEvent.click(page.getByRole("button", { name: "Send" }));
    expect(page.queryByRole("button", { name: "Send" })).toBe(null);
    expect(page.getByRole("button", { name: "Stop" })).toBeTruthy();
    expect(document.activeElement).toBe(message());
    tell(say.turn("t1", "hello", { request: "r1" }));
    fireEvent.click(page.getByRole("button", { name: "Stop" }));
    expect(document.activeElement).toBe(message());
    tell(say.stopped("t1"));
    expect(page.getByRole("button", { name: "Send" }).getAttribute("aria-disabled")).toBe("true");
  });

  test("the end of a stream leaves the focus where it is", () => {
    const { tell } = setup({ events: running });
    const other = document.createElement("button");
    document.body.append(other);
    other.focus();
    tell(say.finished("t1", 1, "generate_poem"), say.completed("t1"));
    expect(document.activeElement).toBe(other);
    other.remove();
  });

  test("a second chat of the notebook keeps the focus", () => {
    const first = setup();
    const second = setup();
    second.message().focus();
    first.tell(...exchange("t1", 1, "hi", "there"));
    expect(document.activeElement).toBe(second.message());
  });
});

describe("the queue", () => {
  const enqueue = (chat: ReturnType<typeof setup>, text: string) => {
    type(chat.message(), text);
    press(chat.message(), "Enter");
  };

  test("typing goes on while a turn runs; Enter queues; the end of the turn sends", () => {
    const chat = setup({ events: running });
    enqueue(chat, "next");
    enqueue(chat, "and then");
    expect(chat.actions.asked).toEqual([]);
    expect(chat.message().value).toBe("");
    const queued = chat.page.getByRole("list", { name: "Queued" });
    expect(within(queued).getAllByRole("listitem")).toHaveLength(2);
    chat.tell(say.finished("t1", 1, "generate_poem"), say.completed("t1"));
    expect(chat.actions.asked).toEqual([{ send: "next" }]);
    chat.tell(...exchange("t2", 2, "next", "ok", "r1"));
    expect(chat.actions.asked).toEqual([{ send: "next" }, { send: "and then" }]);
    expect(chat.page.queryByRole("list", { name: "Queued" })).toBe(null);
  });

  test("a stopped turn sends it too", () => {
    const chat = setup({ events: running });
    enqueue(chat, "next");
    chat.tell(say.stopped("t1"));
    expect(chat.actions.asked).toEqual([{ send: "next" }]);
  });

  test("a failed turn puts it back, before what is typed meanwhile", () => {
    const chat = setup({ events: running });
    enqueue(chat, "next");
    type(chat.message(), "half");
    chat.tell(say.failed("t1"));
    expect(chat.actions.asked).toEqual([]);
    expect(chat.message().value).toBe("next\n\nhalf");
    expect(chat.page.queryByRole("list", { name: "Queued" })).toBe(null);
    press(chat.message(), "Enter");
    expect(chat.actions.asked).toEqual([{ send: "next\n\nhalf" }]);
  });

  test("where a form comes first it waits, each text by itself, for the action that takes one", () => {
    const chat = setup({ events: running });
    enqueue(chat, "one");
    enqueue(chat, "two");
    chat.tell(say.composer({ ...emptyComposer, action: "allow" }), say.completed("t1"));
    const queued = () => chat.page.getByRole("list", { name: "Queued" });
    expect(within(queued()).getAllByRole("listitem")).toHaveLength(2);
    // There is no draft to be seen.
    expect(chat.page.queryByRole("button", { name: "Take back" })).toBe(null);
    fireEvent.click(chat.page.getAllByRole("button", { name: "Cancel" })[1] as HTMLElement);
    expect(chat.actions.asked).toEqual([]);
    chat.tell(say.composer({ ...emptyComposer, input: "prompt" }));
    expect(chat.actions.asked).toEqual([{ send: "one" }]);
  });

  test("it can be cancelled, and taken back", () => {
    const chat = setup({ events: running });
    enqueue(chat, "one");
    enqueue(chat, "two");
    fireEvent.click(chat.page.getAllByRole("button", { name: "Cancel" })[0] as HTMLElement);
    fireEvent.click(chat.page.getByRole("button", { name: "Take back" }));
    expect(chat.message().value).toBe("two");
    expect(document.activeElement).toBe(chat.message());
    chat.tell(say.completed("t1"));
    expect(chat.actions.asked).toEqual([]);
  });

  test("there is a button for it too", () => {
    const chat = setup({ events: running });
    expect(chat.page.queryByRole("button", { name: "Queue" })).toBe(null);
    type(chat.message(), "next");
    fireEvent.click(chat.page.getByRole("button", { name: "Queue" }));
    expect(chat.page.getByRole("list", { name: "Queued" }).textContent).toContain("next");
  });

  test("two views of one chat send it once", () => {
    const chat = setup({ events: running });
    render(chat.element);
    enqueue(chat, "next");
    chat.tell(say.completed("t1"));
    expect(chat.actions.asked).toEqual([{ send: "next" }]);
  });
});

describe("what cannot be sent", () => {
  test("a refused prompt comes back with the reason", () => {
    const { message, tell, page, status, articles } = setup();
    type(message(), "hello");
    press(message(), "Enter");
    tell(say.refused("r1", "A turn runs already."));
    expect(message().value).toBe("hello");
    expect(page.getByText("Not sent: A turn runs already.")).toBeTruthy();
    expect(articles()).toHaveLength(0);
    expect(status()).toBe("");
    press(message(), "Enter");
    expect(page.queryByText("Not sent: A turn runs already.")).toBe(null);
  });

  test("another page's refusal is not this one's", () => {
    const { page, tell } = setup();
    tell(say.refused("other", "A turn runs already."));
    expect(page.queryByText(/Not sent/)).toBe(null);
  });

  test("a lost kernel: the composer says why it is off and what to do, and gives back what was not said", () => {
    const { message, page, store, actions, status } = setup({ events: running });
    type(message(), "next");
    press(message(), "Enter");
    act(() => {
      store.lost.value = "The kernel was restarted. Run the cells again to go on.";
      store.connection.value = "lost";
    });
    expect(page.getByText("The kernel was restarted. Run the cells again to go on.")).toBeTruthy();
    expect(message().readOnly).toBe(true);
    expect(message().getAttribute("aria-disabled")).toBe("true");
    expect(message().value).toBe("next");
    expect(page.getByRole("button", { name: "Send" }).getAttribute("aria-disabled")).toBe("true");
    expect(status()).toBe("Disconnected");
    press(message(), "Enter");
    press(message(), "Enter", { shiftKey: true });
    expect(message().value).toBe("next");
    expect(actions.asked).toEqual([]);
  });

  test("a kernel lost before it has begun gives everything back, once", () => {
    const { message, store, articles } = setup();
    for (const text of ["one", "two"]) {
      type(message(), text);
      press(message(), "Enter");
    }
    act(() => {
      store.connection.value = "lost";
    });
    expect(message().value).toBe("one\n\ntwo");
    expect(articles()).toHaveLength(0);
  });

  test("a busy kernel: typing goes on, sending waits", () => {
    const store = createStore();
    store.connection.value = "waiting";
    const { message, page, actions } = setup({ store });
    expect(page.getByText(/The kernel is busy/)).toBeTruthy();
    type(message(), "hello");
    press(message(), "Enter");
    expect(actions.asked).toEqual([]);
    expect(page.getByRole("list", { name: "Queued" }).textContent).toContain("hello");
    act(() => {
      store.reset(makeView());
      store.connection.value = "live";
    });
    expect(actions.asked).toEqual([{ send: "hello" }]);
  });

  test("an application that has ended says so", () => {
    const { message, page, tell, actions } = setup();
    tell(say.composer({ enabled: false, hint: "The application has ended." }));
    expect(page.getByText("The application has ended.")).toBeTruthy();
    expect(message().readOnly).toBe(true);
    press(message(), "Enter");
    expect(actions.asked).toEqual([]);
  });

  test("an application that takes no message is run", () => {
    const { page, tell, actions } = setup();
    tell(say.composer({ input: null }));
    expect(page.queryByRole("textbox")).toBe(null);
    fireEvent.click(page.getByRole("button", { name: "Run" }));
    expect(actions.asked).toEqual([{ send: null }]);
    expect(page.getByRole("button", { name: "Stop" })).toBeTruthy();
  });
});

describe("the draft", () => {
  test("outlives its view, and is the same in a second one", () => {
    const store = liveStore();
    const first = setup({ store });
    type(first.message(), "half a thought");
    const second = render(first.element);
    const area = within(second.container as HTMLElement).getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
    expect(area.value).toBe("half a thought");
    type(area, "half a thought, and more");
    expect(first.message().value).toBe("half a thought, and more");
    first.unmount();
    second.unmount();
    expect(setup({ store }).message().value).toBe("half a thought, and more");
  });

  test("survives a snapshot", () => {
    const { message, store } = setup();
    type(message(), "half a thought");
    act(() =>
      store.reset(
        makeView({
          session: {
            title: "Other",
            app_id: "a",
            model: null,
            suggestions: [],
            faults: [],
            recording: null,
            withheld: [],
          },
        }),
      ),
    );
    expect(message().value).toBe("half a thought");
  });
});
