// Where the focus goes when what has it goes, in a page and in a shadow root: marimo has each widget in one.
import { cleanup, render } from "@testing-library/preact";
import { afterEach, describe, expect, test } from "vitest";
import { userEvent } from "vitest/browser";
import { Tree } from "../src/chat/Tree";
import { focusedNear } from "../src/focus";
import { createMarkdown } from "../src/markdown/markdown";
import { SpanTree } from "../src/spans/SpanTree";
import { exchange, say } from "./chat/script";
import { setup as chat } from "./chat/setup";
import { eventually } from "./eventually";
import { tell } from "./inspector/script";
import { setup as inspector } from "./inspector/setup";
import { fetchOf } from "./inspector/values";
import { begins, holds, shown as quiz, runs } from "./quiz/setup";
import { many } from "./spans/samples";

afterEach(cleanup);

const places = ["a page", "a shadow root"] as const;

/** Move what is shown there. */
function into(place: (typeof places)[number], shown: Element): void {
  if (place === "a page") return;
  const host = document.createElement("div");
  document.body.append(host);
  host.attachShadow({ mode: "open" }).append(shown);
}

function buttonOf(root: Element, name: string): HTMLElement {
  const found = [...root.querySelectorAll("button")].find(
    (each) => (each.getAttribute("aria-label") ?? each.textContent ?? "") === name,
  );
  if (found === undefined) throw new Error(`no button ${name}`);
  return found;
}

/** Press the button, as the keyboard does, until it is gone; what has the focus then. */
async function pressed(root: Element, name: string): Promise<Element | null> {
  const button = buttonOf(root, name);
  button.focus();
  await userEvent.keyboard("{Enter}");
  await eventually(() => expect(button.isConnected).toBe(false));
  return focusedNear(root);
}

describe.each(places)("in %s", (place) => {
  const FAR = "https://pics.invalid/a.png";

  test("an image of the conversation that is loaded, and cannot be, leaves it to its place", async () => {
    const events = [say.turn("t1", "hi"), say.step("t1", 1, "generate_poem"), say.message("t1", 1, FAR, "image")];
    const { container } = chat({ events });
    into(place, container);
    const kept = await pressed(container, "Load image: (pics.invalid)");
    await eventually(() => expect(container.textContent).toContain("The image could not be loaded"));
    expect(focusedNear(container)).toBe(kept);
    expect(kept?.firstElementChild?.className).toBe("bcw-remark");
  });

  test.each([
    [`![far](${FAR})`, "SPAN"],
    [`[![far](${FAR})](https://there.example)`, "A"],
  ])("an image in text, %s, leaves it to what it is in: %s", async (text, tag) => {
    const root = document.createElement("div");
    document.body.append(root);
    into(place, root);
    const view = createMarkdown(root);
    view.append(text);
    const next = await pressed(root, "Load image: far (pics.invalid)");
    expect([next?.tagName, next?.querySelector("img")?.alt]).toEqual([tag, "far"]);
    view.destroy();
    root.remove();
  });

  test("a breakpoint leaves it to the next, then to the one before, and the last to the steps", async () => {
    const controls = tell.controls(false, ["prompt", "before"], ["decide_mode", "before"], ["prompt", "after"]);
    const { host } = inspector({ events: [tell.turn("t1", "hi"), tell.step("t1", 1, "prompt"), controls] });
    into(place, host);
    const remove = (words: string) => `Remove the breakpoint ${words}`;
    const next = await pressed(host, remove("before decide_mode"));
    expect(next).toBe(buttonOf(host, remove("after prompt")));
    expect(await pressed(host, remove("after prompt"))).toBe(buttonOf(host, remove("before prompt")));
    const last = await pressed(host, remove("before prompt"));
    expect([last?.role, last?.ariaSelected]).toEqual(["option", "true"]);
  });

  const state = { one: 1, two: 2 };
  async function edited() {
    const events = [tell.turn("t1", "hi"), tell.step("t1", 1, "prompt"), tell.finished("t1", 1, "prompt")];
    const page = inspector({ events, inspect: (_step, _what, path, start) => fetchOf(state, state)(path, start) });
    into(place, page.host);
    await eventually(() => buttonOf(page.host, "Remove two"));
    return page;
  }

  test("a change that is undone leaves it to the next, the last to the tabs", async () => {
    const { host } = await edited();
    for (const key of ["one", "two"]) buttonOf(host, `Remove ${key}`).click();
    await eventually(() => buttonOf(host, "Undo the change of two"));
    expect(await pressed(host, "Undo the change of one")).toBe(buttonOf(host, "Undo the change of two"));
    const last = await pressed(host, "Undo the change of two");
    expect([last?.role, last?.textContent]).toEqual(["tab", "State"]);
  });

  test("the editor of a value leaves it to its row", async () => {
    const { host } = await edited();
    buttonOf(host, "Edit two").click();
    await eventually(() => expect(focusedNear(host)?.ariaLabel).toBe("New value of two"));
    await userEvent.keyboard("{Escape}");
    await eventually(() => expect(focusedNear(host)?.getAttribute("data-key")).toBe("two"));
  });

  test("what shows earlier steps, and the newest, leaves it to the chosen step", async () => {
    const steps = Array.from({ length: 210 }, (_, n) => [
      tell.step("t1", n + 1, "prompt"),
      tell.finished("t1", n + 1, "prompt"),
    ]);
    const { host } = inspector({ events: [tell.turn("t1", "hi"), ...steps.flat()] });
    into(place, host);
    const number = (element: Element | null) => element?.getAttribute("data-step");
    expect(number(await pressed(host, "Show earlier (10)"))).toBe("210");
    await userEvent.keyboard("{Home}");
    await eventually(() => expect(number(focusedNear(host))).toBe("1"));
    await pressed(host, "Follow the newest");
    await eventually(() => expect(number(focusedNear(host))).toBe("210"));
  });

  test.each([
    ["entries of a value", <Tree key="1" value={Array.from({ length: 101 }, (_, n) => n)} />, "Show 1 more of 1", "99"],
    ["spans", <SpanTree key="2" steps={[many(51, 51)]} label="Inside" />, "Show 1 more of 1", "49"],
  ])("what shows the last %s leaves it to the row before them", async (_, tree, name, before) => {
    const { container } = render(tree);
    into(place, container);
    const row = await pressed(container, name);
    expect(row?.textContent).toContain(before);
    expect(row?.nextElementSibling?.tagName).toBe("LI");
  });

  test("an answer of the quiz leaves it to the next question", async () => {
    const page = quiz();
    into(place, page.host);
    buttonOf(page.host, "Start quiz").click();
    page.tell(...begins("t1"), ...runs("t1", 1, "prompt"), ...holds("t1", 1, "prompt", "check_safety"));
    page.tell(...runs("t1", 2, "check_safety"), ...holds("t1", 2, "check_safety", "decide_mode"));
    const panel = await pressed(page.host, "unsafe_response2");
    expect(panel?.className).toBe("bcw-quiz-panel");
    page.tell(...runs("t1", 3, "decide_mode"), ...holds("t1", 3, "decide_mode", "decide_mode"));
    await eventually(() => expect(focusedNear(page.host)).toBe(buttonOf(page.host, "decide_mode1")));
  });

  test("a message that has it stays when many come", () => {
    const { container, tell: told } = chat({ events: exchange("t0", 0, "first", "answer") });
    into(place, container);
    const copy = container.querySelector<HTMLElement>("article button");
    copy?.focus();
    told(...Array.from({ length: 50 }, (_, n) => exchange(`t${n + 1}`, n + 1, "q", "a")).flat());
    expect(focusedNear(container)).toBe(copy);
  });
});

test("what was pressed without having the focus takes it from nothing else", async () => {
  const events = [tell.controls(false, ["prompt", "before"], ["prompt", "after"])];
  const { host, page } = inspector({ events });
  const elsewhere = buttonOf(host, "Pause");
  elsewhere.focus();
  buttonOf(host, "Remove the breakpoint before prompt").click();
  await eventually(() => expect(page.queryAllByRole("listitem")).toHaveLength(1));
  expect(document.activeElement).toBe(elsewhere);
});
