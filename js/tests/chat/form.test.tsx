import { fireEvent, within } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import type { Composer, Field } from "../../src/protocol.gen";
import { emptyComposer } from "../composer";
import { exchange, liveStore, makeView, say } from "./script";
import { press, setup, type } from "./setup";

const field = (name: string, change: Partial<Field> = {}): Field => ({
  name,
  kind: "text",
  required: true,
  default: null,
  choices: [],
  fields: [],
  labels: [],
  description: null,
  ...change,
});

const order: Field[] = [
  field("item", { description: "what to drink" }),
  field("amount", { kind: "integer" }),
  field("size", { kind: "choice", choices: ["small", "large"] }),
  field("gift", { kind: "boolean" }),
  field("hot", { kind: "boolean", required: false, default: true }),
  field("address", { kind: "object", fields: [field("street"), field("number", { kind: "integer" })] }),
  field("extras", { kind: "list", required: false, default: ["milk", "sugar"] }),
  field("data", { kind: "json", required: false }),
];

function setupForm(change: Partial<Composer> = { action: "order", ask: "Takes an order.", fields: order }) {
  const chat = setup({ store: liveStore(makeView({ composer: { ...emptyComposer, ...change } })) });
  const { page } = chat;
  const area = (name: string | RegExp) => page.getByRole("textbox", { name }) as HTMLTextAreaElement;
  const button = (name: string) => page.getByRole("button", { name });
  return { ...chat, area, button, send: () => fireEvent.click(button("Send")) };
}

describe("a form", () => {
  test("shows what is asked, and each input by its name with its default", () => {
    const { page, area } = setupForm();
    expect(page.getByText("Takes an order.")).toBeTruthy();
    expect(page.getByRole("form", { name: "order" })).toBeTruthy();
    expect(page.queryByRole("textbox", { name: "Message" })).toBe(null);
    const described = area("item").getAttribute("aria-describedby");
    expect(document.getElementById(described ?? "")?.textContent).toBe("what to drink");
    expect(within(page.getByRole("group", { name: "gift" })).getAllByRole("radio")).toHaveLength(2);
    expect(page.queryByRole("radio", { checked: true })).toBe(null);
    expect((page.getByRole("checkbox", { name: "hot (optional)" }) as HTMLInputElement).checked).toBe(true);
    expect(area("extras (optional)").value).toBe("milk\nsugar");
    expect(within(page.getByRole("group", { name: "address" })).getByRole("textbox", { name: "street" })).toBeTruthy();
  });

  test("sends what was filled in as it was typed, and nothing of what was not touched", () => {
    const { page, area, send, actions } = setupForm();
    type(area("item"), "tea");
    type(area("amount"), "2");
    fireEvent.change(page.getByRole("combobox", { name: "size" }), { target: { value: "large" } });
    fireEvent.click(page.getByRole("radio", { name: "No" }));
    type(area("street"), "Hill");
    type(area("extras (optional)"), "milk\n\n honey ");
    send();
    expect(actions.asked).toEqual([
      {
        send: null,
        inputs: {
          item: "tea",
          amount: "2",
          size: "large",
          gift: false,
          address: { street: "Hill" },
          extras: ["milk", "honey"],
        },
      },
    ]);
  });

  test("Enter sends from a line and breaks it in a text, Ctrl+Enter sends from both", () => {
    const { area, actions } = setupForm();
    type(area("item"), "tea");
    expect(press(area("item"), "Enter")).toBe(true);
    expect(actions.asked).toEqual([]);
    type(area("amount"), "2");
    press(area("amount"), "Enter");
    expect(actions.asked).toHaveLength(1);
    const again = setupForm();
    type(again.area("item"), "tea");
    press(again.area("item"), "Enter", { ctrlKey: true });
    expect(again.actions.asked).toEqual([{ send: null, inputs: { item: "tea" } }]);
  });

  test("what is wrong stands at its field, the first has the focus, and nothing typed is lost", () => {
    const { page, area, send, tell } = setupForm();
    type(area("item"), "tea");
    type(area("amount"), "two");
    type(area("number"), "x");
    send();
    const fields = { amount: "This is not a whole number.", "address.number": "No number.", gift: "Fill this in." };
    tell(say.refused("r1", "see what is said at the fields.", fields));
    expect(page.getByText("Not done: see what is said at the fields.")).toBeTruthy();
    expect(document.activeElement).toBe(area("amount"));
    expect(area("amount").getAttribute("aria-invalid")).toBe("true");
    const described = area("amount").getAttribute("aria-describedby") ?? "";
    expect(document.getElementById(described)?.textContent).toBe("This is not a whole number.");
    expect(area("number").getAttribute("aria-invalid")).toBe("true");
    expect(within(page.getByRole("group", { name: "gift" })).getByText("Fill this in.")).toBeTruthy();
    expect(area("item").getAttribute("aria-invalid")).toBe("false");
    expect([area("item").value, area("amount").value]).toEqual(["tea", "two"]);
    type(area("amount"), "2");
    expect(area("amount").getAttribute("aria-invalid")).toBe("false");
    expect(area("number").getAttribute("aria-invalid")).toBe("true");
    expect(page.getByText("Not done: see what is said at the fields.")).toBeTruthy();
    type(area("number"), "7");
    fireEvent.click(page.getByRole("radio", { name: "No" }));
    expect(page.queryByText(/see what is said at the fields/)).toBe(null);
  });

  test("an error in a part without a field of its own stands at the whole", () => {
    const { area, send, tell } = setupForm();
    send();
    tell(say.refused("r1", "no", { "extras.1": "Too sweet.", "data.a.b": "Unknown." }));
    const text = (name: string) => area(name).closest(".bcw-field")?.querySelector(".bcw-wrong")?.textContent;
    expect(text("extras (optional)")).toBe("Item 2: Too sweet.");
    expect(text("data (optional)")).toBe("a.b: Unknown.");
  });

  test("is put away while its turn runs, empty when it went well, as it was when it failed", () => {
    const { page, area, send, tell } = setupForm();
    type(area("item"), "tea");
    send();
    expect(document.activeElement).toBe(page.getByRole("button", { name: "Stop" }));
    tell(say.turn("t1", "item: tea", { request: "r1" }));
    expect(page.queryByRole("form")).toBe(null);
    tell(say.failed("t1"));
    expect(area("item").value).toBe("tea");
    send();
    tell(say.turn("t2", "item: tea", { request: "r2" }), say.completed("t2"));
    expect(area("item").value).toBe("");
  });

  test("the next one that asks for the same name is another", () => {
    const { area, tell } = setupForm();
    type(area("item"), "tea");
    tell(say.composer({ ...emptyComposer, action: "return", fields: [field("item")] }));
    expect(area("item").value).toBe("");
  });

  test("of questions has a field for each answer", () => {
    const questions = ["Which tone?", "Who signs?"];
    const { page, area, send, actions } = setupForm({
      action: "clarify",
      fields: [field("answers", { kind: "list", labels: questions })],
    });
    expect(page.getByRole("group", { name: "answers" })).toBeTruthy();
    type(area("Who signs?"), "Ada");
    send();
    expect(actions.asked).toEqual([{ send: null, inputs: { answers: ["", "Ada"] } }]);
  });

  test("without anything that must be given is run", () => {
    const { actions, button } = setupForm({
      action: "count",
      fields: [field("by", { kind: "integer", required: false, default: 1 })],
    });
    fireEvent.click(button("Run"));
    expect(actions.asked).toEqual([{ send: null }]);
  });
});

describe("options beside the text", () => {
  const fields = [field("times", { kind: "integer", required: false, default: 1 })];
  const setupOptions = () => setupForm({ action: "chat", input: "prompt", fields });

  test("go with each message, and stay", () => {
    const { area, message, actions, tell } = setupOptions();
    type(area("times (optional)"), "3");
    type(message(), "hi");
    press(message(), "Enter");
    expect(actions.asked).toEqual([{ send: "hi", inputs: { times: "3" } }]);
    tell(...exchange("t1", 1, "hi", "hi hi hi", "r1"));
    expect(area("times (optional)").value).toBe("3");
  });

  test("open when something is wrong with them, and the message comes back", () => {
    const { page, area, message, tell } = setupOptions();
    type(area("times (optional)"), "x");
    type(message(), "hi");
    press(message(), "Enter");
    tell(say.refused("r1", "see what is said at the fields.", { times: "This is not a whole number." }));
    expect(page.getByText("Options").closest("details")?.open).toBe(true);
    expect(document.activeElement).toBe(area("times (optional)"));
    expect(message().value).toBe("hi");
  });
});

describe("what the application asks", () => {
  test("describes the composer", () => {
    const { page, message } = setupForm({ action: "give_feedback", input: "feedback", ask: "What should change?" });
    const described = document.getElementById(message().getAttribute("aria-describedby") ?? "");
    expect(described?.textContent).toBe("What should change?");
    expect(message().placeholder).toBe("Write an answer");
    expect(page.getByRole("button", { name: "Send" })).toBeTruthy();
  });

  test("stays where it is while the turn runs, at rest", () => {
    const { page, message, tell } = setupForm({ input: "feedback", ask: "What should change?" });
    const asked = page.getByText("What should change?");
    expect(asked.dataset.rests).toBe("false");
    tell(say.turn("t1", "shorter"));
    expect(page.getByText("What should change?")).toBe(asked);
    expect(asked.dataset.rests).toBe("true");
    expect(message().placeholder).toBe("Write an answer");
    tell(say.composer({ input: "prompt" }), say.completed("t1"));
    expect(page.queryByText("What should change?")).toBe(null);
    expect(message().placeholder).toBe("Write a message");
  });
});

describe("an application that has ended", () => {
  const ended = { ended: true, enabled: false, hint: "The application has ended: 'count' would begin again." };

  test("says so, and can be started again", () => {
    const { page, button, actions, tell } = setupForm(ended);
    expect(page.getByText(ended.hint)).toBeTruthy();
    expect(page.getByText("Starting again keeps its state.")).toBeTruthy();
    fireEvent.click(button("Start again"));
    expect(actions.asked).toEqual([{ restart: true }]);
    tell(say.composer({ ...emptyComposer, action: "prompt" }));
    expect(button("Run").getAttribute("aria-disabled")).toBe("false");
  });

  test("says why it was not started again", () => {
    const { page, button, tell } = setupForm(ended);
    fireEvent.click(button("Start again"));
    tell(say.refused("r1", "A turn is running."));
    expect(page.getByText("Not done: A turn is running.")).toBeTruthy();
  });
});
