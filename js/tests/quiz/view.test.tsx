import { signal } from "@preact/signals";
import { act, fireEvent } from "@testing-library/preact";
import { expect, test } from "vitest";
import { begins, ends, holds, runs, shown } from "./setup";

const TO_DECIDE = [
  ...begins("t1"),
  ...runs("t1", 1, "prompt"),
  ...holds("t1", 1, "prompt", "check_safety"),
  ...runs("t1", 2, "check_safety"),
  ...holds("t1", 2, "check_safety", "decide_mode"),
];

function asked(events = TO_DECIDE) {
  const quiz = shown();
  fireEvent.click(quiz.button("Start quiz"));
  quiz.tell(...events);
  return quiz;
}

const words = (host: HTMLElement, selector: string) =>
  host.querySelector(selector)?.textContent?.replaceAll(/\s+/g, " ").trim() ?? "";

test("a question with the ways on, and with the answer what came and why", () => {
  const { host, page, button, tell } = asked();
  expect(words(host, ".bcw-quiz-panel > p")).toBe("Which action runs next? It was check_safety that ran last.");
  const answers = [...page.getByRole("group", { name: "Answers" }).querySelectorAll("button")];
  expect(answers.map((each) => each.querySelector("span")?.textContent)).toEqual(["decide_mode", "unsafe_response"]);
  expect(page.getByRole("status").textContent).toBe("");

  fireEvent.click(button("unsafe_response 2"));
  expect(words(host, ".bcw-quiz-verdict > p")).toBe(
    "No. After check_safety comes decide_mode, not unsafe_response. Of its transitions, the first whose condition is true is taken:",
  );
  expect([...page.getByRole("status").querySelectorAll("li")].map((li) => li.dataset.taken)).toEqual(["true", "false"]);
  expect(words(host, ".bcw-quiz-score")).toBe("Score: 0 of 1");
  tell(...runs("t1", 3, "decide_mode"));
  expect(words(host, ".bcw-quiz-panel")).toBe("Running decide_mode …");
  tell(...holds("t1", 3, "decide_mode", "decide_mode"));
  fireEvent.click(button("decide_mode 1"));
  expect(words(host, ".bcw-quiz-verdict b")).toBe("Right.");
  expect(words(host, ".bcw-quiz-score")).toBe("Score: 1 of 2");
});

test("any node is an answer, by a click and by Enter, but not its breakpoint's dot", () => {
  const { host, page, tell } = asked();
  const dot = host.querySelector('[data-action="prompt"] [data-break]') as Element;
  fireEvent.click(dot);
  expect(words(host, ".bcw-quiz-score")).toBe("Score: 0 of 0");
  fireEvent.click(page.getByRole("button", { name: "prompt" }));
  expect(words(host, ".bcw-quiz-verdict > p")).toContain(
    "After check_safety comes decide_mode, not prompt. No transition leads from check_safety to prompt.",
  );
  tell(...runs("t1", 3, "decide_mode"), ...holds("t1", 3, "decide_mode", "decide_mode"));
  const node = page.getByRole("button", { name: "decide_mode" });
  fireEvent.keyDown(node, { key: "ArrowDown" });
  expect(words(host, ".bcw-quiz-score")).toBe("Score: 0 of 1");
  expect(fireEvent.keyDown(node, { key: "Enter" })).toBe(false);
  expect(words(host, ".bcw-quiz-score")).toBe("Score: 1 of 2");
  // Nothing is asked now: the key is the graph's again.
  expect(fireEvent.keyDown(node, { key: "Enter" })).toBe(true);
});

test("of the past a node is no answer", () => {
  const { host, page, store } = asked();
  const [step] = store.known.value?.steps ?? [];
  if (step === undefined || store.view.value === null) throw new Error("no step");
  const view = store.view.value;
  act(() => {
    store.past.value = { step, view, isNew: signal(false) };
  });
  fireEvent.click(page.getByRole("button", { name: "decide_mode" }));
  expect(words(host, ".bcw-quiz-score")).toBe("Score: 0 of 0");
});

test("the keyboard alone: digits answer, and the focus stays with the questions", () => {
  const { host, page, tell } = asked();
  const first = page.getByRole("group", { name: "Answers" }).querySelector("button") as HTMLElement;
  first.focus();
  fireEvent.keyDown(first, { key: "1", repeat: true });
  fireEvent.keyDown(first, { key: "1", ctrlKey: true });
  fireEvent.keyDown(first, { key: "3" });
  expect(words(host, ".bcw-quiz-score")).toBe("Score: 0 of 0");
  fireEvent.keyDown(first, { key: "1" });
  expect(words(host, ".bcw-quiz-score")).toBe("Score: 1 of 1");
  expect(document.activeElement?.className).toBe("bcw-quiz-panel");
  tell(...runs("t1", 3, "decide_mode"), ...holds("t1", 3, "decide_mode", "generate_poem"));
  expect(document.activeElement?.textContent).toBe("decide_mode1");
});

test("where one way leads on, it is asked and counts nothing", () => {
  const { host, button, tell } = asked(begins("t1"));
  expect(words(host, ".bcw-quiz-panel > p")).toBe("Which action runs first? There is only one way: it counts nothing.");
  fireEvent.click(button("prompt 1"));
  expect(words(host, ".bcw-quiz-verdict")).toBe("Right. The turn begins with prompt.");
  tell(...runs("t1", 1, "prompt"), ...holds("t1", 1, "prompt", "check_safety"));
  fireEvent.click(button("check_safety 1"));
  expect(words(host, ".bcw-quiz-verdict > p")).toBe("Right. After prompt comes check_safety. There is no other way.");
  expect(words(host, ".bcw-quiz-score")).toBe("Score: 0 of 0");
});

test("before, between and after: what there is to do", () => {
  const { host, button, tell, unmount, quiz } = shown();
  expect(words(host, ".bcw-quiz-panel")).toContain("Predict which action runs next, before it does.");
  expect(words(host, ".bcw-quiz-score")).toBe("");
  fireEvent.click(button("Start quiz"));
  expect(words(host, ".bcw-quiz-panel")).toBe("Send a prompt in the chat, and predict where it goes.");
  tell(...TO_DECIDE);
  fireEvent.click(button("decide_mode 1"));
  tell(...runs("t1", 3, "decide_mode"), ...ends("t1", 3, "decide_mode", "generate_poem"));
  expect(words(host, ".bcw-quiz-panel")).toBe("Running …");
  fireEvent.click(button("End quiz"));
  // The score stays to be seen.
  expect(words(host, ".bcw-quiz-score")).toBe("Score: 1 of 1");
  fireEvent.click(button("Start quiz"));
  expect(words(host, ".bcw-quiz-score")).toBe("Score: 0 of 0");
  act(() => void unmount());
  expect(quiz.on.value).toBe(false);
});
