import { act, fireEvent, within } from "@testing-library/preact";
import { beforeEach, describe, expect, test } from "vitest";
import { userEvent } from "vitest/browser";
import { createPlain } from "../../src/chat/plain";
import "../../src/theme.css";
import { span, step, told } from "../spans/samples";
import { exchange, forked, liveStore, say } from "./script";
import { press, setup as setupPlain, type } from "./setup";

const lines = (from: number, count: number) => Array.from({ length: count }, (_, n) => `Line ${from + n}\n\n`).join("");

/** The page is as it is painted: scroll events, animation frames, layout and resize observers are done. */
const painted = () =>
  new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));

const preWrapped = (element: HTMLElement) => {
  element.style.whiteSpace = "pre-wrap";
  return createPlain(element);
};

function setup(given: Parameters<typeof setupPlain>[0] = {}) {
  const chat = setupPlain({ markdown: preWrapped, ...given });
  chat.container.className = "bcw";
  const log = chat.page.getByRole("log");
  return {
    ...chat,
    log,
    fromEnd: () => log.scrollHeight - log.clientHeight - log.scrollTop,
    jump: () => chat.page.queryByRole("button", { name: "Jump to latest" }),
  };
}

const running = [
  ...exchange("t1", 1, "first", lines(0, 40)),
  say.turn("t2", "second"),
  say.step("t2", 2, "generate_poem"),
  say.text(2, lines(0, 30)),
];

const ended = [
  say.finished("t2", 2, "generate_poem", { deltas: 9, first_delta: 0.1, duration: 1 }),
  say.completed("t2"),
];

beforeEach(() => {
  document.body.style.cssText = "margin: 0; width: 600px";
});

describe("another version", () => {
  const press = async (
    chat: ReturnType<typeof setup>,
    name: string,
    shown: "t2" | "t4",
    answers: Parameters<typeof forked>[1],
  ) => {
    const button = chat.page.getByRole("button", { name });
    const at = () => chat.page.getByRole("group", { name: /Version/ }).getBoundingClientRect().top;
    button.focus();
    const before = at();
    act(() => button.click());
    act(() => chat.store.reset({ ...forked(shown, answers), accepted: chat.actions.asked.map((_, n) => `r${n + 1}`) }));
    const atOnce = at();
    await painted();
    await painted();
    expect(document.activeElement).toBe(chat.page.getByRole("button", { name }));
    return [atOnce, at()].map((top) => Math.abs(Math.round(top - before)));
  };
  const rest = lines(0, 40);
  const long = { t1: rest, t2: lines(0, 60), t3: rest, t4: lines(0, 90), t5: rest };

  test.each([
    ["longer", long],
    ["shorter", { ...long, t4: "short" }],
  ])("%s is shown, and the arrows stay where they are", async (_, answers) => {
    const chat = setup({ store: liveStore(forked("t2", answers)) });
    await painted();
    chat.page.getByRole("group", { name: "Version 1 of 2" }).scrollIntoView({ block: "center" });
    await painted();
    expect(await press(chat, "Next version", "t4", answers)).toEqual([0, 0]);
    expect(await press(chat, "Previous version", "t2", answers)).toEqual([0, 0]);
    expect(chat.jump()).not.toBe(null);
  });

  test("at the end, where all fits, nothing is left to jump to", async () => {
    const chat = setup({ store: liveStore(forked("t2")) });
    await painted();
    await press(chat, "Next version", "t4", {});
    expect(chat.jump()).toBe(null);
  });
});

test("a prompt stays where it is when it is edited, and when it is not after all", async () => {
  const chat = setup({ store: liveStore(forked("t2", { t1: lines(0, 40), t2: lines(0, 60) })) });
  await painted();
  const prompt = chat.articles()[2] as HTMLElement;
  prompt.scrollIntoView({ block: "center" });
  await painted();
  const before = prompt.getBoundingClientRect().top;
  act(() => within(prompt).getByRole("button", { name: "Edit" }).click());
  await painted();
  expect(Math.round(prompt.getBoundingClientRect().top - before)).toBe(0);
  const editor = chat.page.getByRole("textbox", { name: "Edit message" });
  expect(document.activeElement).toBe(editor);
  act(() => void press(editor, "Escape"));
  await painted();
  expect(Math.round(prompt.getBoundingClientRect().top - before)).toBe(0);
});

describe("unfolding", () => {
  const rows = Array.from({ length: 40 }, (_, index) => span(index + 1));
  const traced = [...told({ ...step(3, "prompt", { spans: rows }), turn: "t2" })];
  const press = async (chat: ReturnType<typeof setup>) => {
    const head = chat.page.getByRole("button", { name: "Trace of prompt" });
    await act(async () => head.click());
    await painted();
    return head.getBoundingClientRect().top - chat.log.getBoundingClientRect().top;
  };

  test("at the end, what unfolds is shown as far as its head stays in sight", async () => {
    const chat = setup({ events: [...running, ...ended.slice(0, 1), ...traced, ...ended.slice(1)] });
    await painted();
    expect(chat.fromEnd()).toBeLessThan(2);
    const top = await press(chat);
    expect(top).toBeGreaterThanOrEqual(0);
    expect(top).toBeLessThan(20);
    expect(chat.fromEnd()).toBeGreaterThan(2);
    expect(chat.jump()).toBeTruthy();
  });

  test("what is small is shown whole, and the log goes on to follow", async () => {
    const small = told({ ...step(3, "prompt", { spans: rows.slice(0, 2) }), turn: "t2" });
    const chat = setup({ events: [...running, ...ended.slice(0, 1), ...small, ...ended.slice(1)] });
    await painted();
    await press(chat);
    expect(chat.fromEnd()).toBeLessThan(2);
    expect(chat.jump()).toBeNull();
  });
});

describe("following", () => {
  test("each delta is seen while the reader is at the end", async () => {
    const { tell, fromEnd, jump, log } = setup({ events: running });
    await painted();
    expect(log.scrollTop).toBeGreaterThan(500);
    for (let n = 0; n < 5; n++) {
      tell(say.text(2, lines(n, 3)));
      await painted();
      expect(fromEnd()).toBeLessThan(2);
    }
    tell(...ended);
    await painted();
    expect(fromEnd()).toBeLessThan(2);
    expect(jump()).toBe(null);
  });

  test("a pixel that heights out of sight were guessed wrong by is no movement of the reader's", async () => {
    const { tell, fromEnd, jump, log } = setup({ events: running });
    await painted();
    log.scrollTop -= 1;
    await painted();
    expect(jump()).toBe(null);
    tell(say.text(2, lines(0, 3)));
    await painted();
    expect(fromEnd()).toBeLessThan(2);
  });

  test("what grows later, as an image does, keeps the end in sight", async () => {
    const late = document.createElement("div");
    const { fromEnd } = setup({
      events: [...running, ...ended],
      markdown(element) {
        element.append(late);
        return createPlain(element);
      },
    });
    await painted();
    late.style.height = "300px";
    await painted();
    expect(fromEnd()).toBeLessThan(2);
  });

  test("a chat that is made smaller keeps its end", async () => {
    const { fromEnd, container } = setup({ events: running });
    await painted();
    (container.querySelector(".bcw-chat") as HTMLElement).style.height = "300px";
    await painted();
    expect(fromEnd()).toBeLessThan(2);
  });

  test("the notebook around it does not move", async () => {
    document.body.style.paddingTop = "2000px";
    document.body.style.paddingBottom = "2000px";
    window.scrollTo(0, 1800);
    const { tell } = setup({ events: running });
    tell(say.text(2, lines(0, 50)), ...ended);
    await painted();
    expect(window.scrollY).toBe(1800);
  });
});

describe("releasing", () => {
  /** The ways of a reader to move up by a little. */
  const ways: [string, (log: HTMLElement) => unknown][] = [
    ["by three pixels", (log) => log.scrollBy(0, -3)],
    [
      "with a wheel that has not moved anything yet",
      (log) => fireEvent(log, new WheelEvent("wheel", { deltaY: -1, bubbles: true })),
    ],
    [
      "with a key",
      async (log) => {
        log.focus();
        // The browser moves the log over many frames.
        const arrived = new Promise((done) => log.addEventListener("scrollend", done, { once: true }));
        await userEvent.keyboard("{PageUp}");
        await arrived;
      },
    ],
  ];

  test.each(ways)("%s, the log stays where the reader is, also when the stream ends", async (_, move) => {
    const { tell, log, jump } = setup({ events: running });
    await painted();
    await move(log);
    // Text that comes before the browser has told of the movement.
    tell(say.text(2, lines(0, 5)));
    await painted();
    const top = log.scrollTop;
    expect(jump()).not.toBe(null);
    for (let n = 0; n < 3; n++) {
      tell(say.text(2, lines(n, 5)));
      await painted();
      expect(log.scrollTop).toBe(top);
    }
    tell(...ended);
    await painted();
    expect(log.scrollTop).toBe(top);
  });

  test("Jump to latest goes to the end and follows again", async () => {
    const { tell, log, jump, fromEnd } = setup({ events: running });
    await painted();
    log.scrollTop = 100;
    await expect.poll(jump).not.toBe(null);
    fireEvent.click(jump() as HTMLElement);
    expect(fromEnd()).toBeLessThan(2);
    expect(document.activeElement).toBe(log);
    tell(say.text(2, lines(0, 5)));
    await painted();
    expect(fromEnd()).toBeLessThan(2);
    expect(jump()).toBe(null);
  });

  test("so does scrolling to the end", async () => {
    const { tell, log, jump, fromEnd } = setup({ events: running });
    await painted();
    log.scrollTop = 100;
    await expect.poll(jump).not.toBe(null);
    log.scrollTop = log.scrollHeight;
    await expect.poll(jump).toBe(null);
    tell(say.text(2, lines(0, 5)));
    await painted();
    expect(fromEnd()).toBeLessThan(2);
  });

  test("a log that has become too short to scroll is at its end", async () => {
    const { tell, log, jump } = setup({ events: [...running, ...ended] });
    await painted();
    log.scrollTop = 100;
    await expect.poll(jump).not.toBe(null);
    tell(say.turn("t3", "short", { replaces: "t2" }), say.turn("t4", "short", { replaces: "t1" }));
    await expect.poll(jump).toBe(null);
  });

  test("and so does sending", async () => {
    const { log, jump, message, fromEnd } = setup({ events: [...running, ...ended] });
    await painted();
    log.scrollTop = 100;
    await expect.poll(jump).not.toBe(null);
    type(message(), "third");
    act(() => {
      press(message(), "Enter");
    });
    await painted();
    expect(fromEnd()).toBeLessThan(2);
  });
});
