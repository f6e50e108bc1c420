import { describe, expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";
import "../../src/inspector/controls.css";
import "../../src/inspector/inspector.css";
import "../../src/inspector/steps.css";
import "../../src/inspector/detail.css";
import "../../src/inspector/values.css";
import "../../src/theme.css";
import { liveStore } from "../chat/script";
import { scenes } from "./harness/scenes";
import { tell } from "./script";
import { setup as setupPlain } from "./setup";

function setup(name: string) {
  const scene = scenes[name];
  if (scene === undefined) throw new Error(`no scene ${name}`);
  const shown = setupPlain({ store: liveStore(scene.view), events: scene.events, inspect: scene.inspect });
  shown.host.className = "bcw";
  return shown;
}

const tabs = ["State", "Inputs", "Result", "Deltas", "Spans", "Source", "Why"];

describe("nothing sticks out", () => {
  test.each([
    [320, "held"],
    [320, "delta"],
    [320, "failed"],
    [320, "stopped"],
    [320, "big"],
    [700, "held"],
    [1200, "delta"],
  ])("at %i pixels, %s", async (width, name) => {
    const { host, page, settle } = setup(name);
    host.style.width = `${width}px`;
    await settle();
    for (const tab of tabs) {
      page.getByRole("tab", { name: tab }).click();
      await settle();
      const inspector = host.querySelector<HTMLElement>(".bcw-inspector");
      if (inspector === null) throw new Error("no inspector");
      expect([tab, inspector.scrollWidth <= inspector.clientWidth]).toEqual([tab, true]);
      for (const button of inspector.querySelectorAll("button")) {
        const box = button.getBoundingClientRect();
        const edge = inspector.getBoundingClientRect();
        expect([button.textContent, box.left >= edge.left, box.right <= edge.right]).toEqual([
          button.textContent,
          true,
          true,
        ]);
        expect([button.textContent, box.height >= 24]).toEqual([button.textContent, true]);
      }
    }
  });
});

test("the steps are beside the chosen one where there is room, and above it where there is none", async () => {
  const { host, page: shown, settle } = setup("held");
  const steps = shown.getByRole("listbox").getBoundingClientRect.bind(shown.getByRole("listbox"));
  const panel = () => shown.getByRole("tabpanel").getBoundingClientRect();
  host.style.width = "900px";
  await settle();
  expect(steps().right).toBeLessThanOrEqual(panel().left);
  host.style.width = "340px";
  expect(steps().bottom).toBeLessThanOrEqual(panel().top);
});

test("in a narrow cell the keys are still on the buttons and the tabs in one line, in a usual one all columns are there", async () => {
  const { host, page: shown, settle } = setup("delta");
  host.style.width = "400px";
  await settle();
  const keys = [...host.querySelectorAll(".bcw-control > kbd")];
  expect(keys.map((key) => key.checkVisibility())).toEqual(keys.map(() => true));
  const tops = shown.getAllByRole("tab").map((each) => each.getBoundingClientRect().top);
  expect(new Set(tops).size).toBe(1);
  host.style.width = "800px";
  await settle();
  expect(
    [...(host.querySelector(".bcw-step-heads")?.children ?? [])].filter((each) => each.checkVisibility()),
  ).toHaveLength(5);
});

test("the newest step is in sight while it is followed, and scrolls its list alone", async () => {
  const { host, page: shown, tell: told, settle } = setup("empty");
  host.style.paddingTop = "2000px";
  const top = document.scrollingElement?.scrollTop;
  told(tell.turn("t1", "hi"));
  for (let step = 1; step <= 60; step++) told(tell.step("t1", step, "prompt"), tell.finished("t1", step, "prompt"));
  await settle();
  const list = shown.getByRole("listbox");
  const inSight = () => {
    const chosen = list.querySelector('[aria-selected="true"]')?.getBoundingClientRect();
    const box = list.getBoundingClientRect();
    return chosen !== undefined && chosen.top >= box.top - 1 && chosen.bottom <= box.bottom + 1;
  };
  expect(list.scrollHeight).toBeGreaterThan(list.clientHeight);
  expect(inSight()).toBe(true);
  list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus({ preventScroll: true });
  await userEvent.keyboard("{Home}");
  expect(inSight()).toBe(true);
  expect(document.scrollingElement?.scrollTop).toBe(top);
});

test("a button that can do nothing keeps the focus, and a turn that goes on does not take it", async () => {
  const { page: shown, tell: told } = setup("held");
  const step = shown.getByRole("button", { name: "Step" });
  await page.elementLocator(step).click();
  expect(document.activeElement).toBe(step);
  told(tell.accepted("s1"), tell.resumed("t2"), tell.step("t2", 5, "decide_mode"));
  expect(step.getAttribute("aria-disabled")).toBe("true");
  expect(document.activeElement).toBe(step);
});
