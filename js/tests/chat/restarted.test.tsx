// What becomes of a prompt whose answer was cut off on a server that knows nothing of it any more.
import { act } from "@testing-library/preact";
import { expect, test } from "vitest";
import { SERVER } from "../../src/page/address";
import { createStore } from "../../src/store/store";
import { KERNEL } from "../../src/transport/peer";
import { emptyComposer } from "../composer";
import { exchange, makeView, say } from "./script";
import { press, setup, type } from "./setup";

function started(peer = SERVER) {
  const store = createStore(peer);
  store.reset(makeView());
  store.connection.value = "live";
  const page = setup({ store });
  type(page.message(), "Tell me more");
  press(page.message(), "Enter");
  const { request } = page.store.pending.value ?? { request: "" };
  page.tell(say.turn("t1", "Tell me more", { request }), say.step("t1", 1, "answer_question"), say.text(1, "The ri"));
  return { ...page, note: () => page.container.querySelector(".bcw-note")?.textContent };
}

test("it is the reader's again, with a word on why", () => {
  const page = started();
  type(page.message(), "and this");
  act(() => page.store.reset(makeView()));
  expect(page.message().value).toBe("Tell me more\n\nand this");
  expect(page.note()).toBe("Not answered: it was cut off on the server, and can be sent again.");
  expect(page.status()).not.toBe("Generating");
});

test("it is not where the answer had come to its end", () => {
  const page = started();
  const turn = { key: "kept", status: "completed", started: 0, ended: 0, request: null, siblings: [], editable: false };
  act(() => page.store.reset(makeView({ turns: [{ ...turn, status: "completed", prompt: "Tell me more" }] })));
  expect(page.message().value).toBe("");
  expect(page.note()).toBe("");
});

test("it is not after a turn that ended before", () => {
  const page = started();
  page.tell(say.finished("t1", 1, "answer_question"), say.completed("t1"));
  act(() => page.store.reset(makeView()));
  expect(page.message().value).toBe("");
});

test("what waits is sent when the server is back, each by itself, and the word on what was lost stays", () => {
  const page = started();
  act(() => {
    page.store.connection.value = "waiting";
  });
  for (const text of ["one", "two"]) {
    type(page.message(), text);
    press(page.message(), "Enter");
  }
  act(() => {
    page.store.reset(makeView());
    page.store.connection.value = "live";
  });
  expect(page.actions.asked.slice(1)).toEqual([{ send: "one" }]);
  expect(page.page.getByRole("list", { name: "Queued" }).textContent).toContain("two");
  page.tell(...exchange("t2", 1, "one", "1", "r2"));
  expect(page.actions.asked.slice(1)).toEqual([{ send: "one" }, { send: "two" }]);
  expect(page.message().value).toBe("Tell me more");
  expect(page.note()).toBe("Not answered: it was cut off on the server, and can be sent again.");
});

test("what waits goes on waiting where the server asks for something else first", () => {
  const page = started();
  for (const text of ["one", "two"]) {
    type(page.message(), text);
    press(page.message(), "Enter");
  }
  act(() => page.store.reset(makeView({ composer: { ...emptyComposer, action: "allow" } })));
  expect(page.page.getByRole("list", { name: "Queued" }).querySelectorAll("li")).toHaveLength(2);
  expect(page.actions.asked.slice(1)).toEqual([]);
  act(() => page.store.reset(makeView()));
  expect(page.actions.asked.slice(1)).toEqual([{ send: "one" }]);
});

test("in a notebook's chat it was the server too", () => {
  const page = started(KERNEL);
  act(() => page.store.reset(makeView()));
  expect(page.message().value).toBe("Tell me more");
  expect(page.note()).toBe("Not answered: it was cut off on the server, and can be sent again.");
});

test("it is not where the server knows that it was answered", () => {
  const page = started();
  const { request } = page.store.known.value?.turns.at(-1) ?? {};
  act(() => page.store.reset(makeView({ accepted: [request ?? ""] })));
  expect(page.message().value).toBe("");
  expect(page.note()).toBe("");
});

/** It was given back, and is then there after all: it runs in another process. */
function cutOffAndBack(meanwhile: (page: ReturnType<typeof started>) => void = () => {}) {
  const page = started();
  const running = page.store.known.value ?? makeView();
  type(page.message(), "and this");
  act(() => page.store.reset(makeView()));
  expect(page.message().value).toBe("Tell me more\n\nand this");
  meanwhile(page);
  act(() => page.store.reset(running));
  return { ...page, running };
}

test("it is not the reader's any more when it goes on after all", () => {
  const page = cutOffAndBack();
  expect(page.message().value).toBe("and this");
  expect(page.note()).toBe("");
  expect(page.status()).toBe("Generating");
});

test("it is not when it turns out that it was answered", () => {
  const page = started();
  const { request } = page.store.known.value?.turns.at(-1) ?? {};
  act(() => page.store.reset(makeView()));
  act(() => page.store.reset(makeView({ accepted: [request ?? ""] })));
  expect(page.message().value).toBe("");
  expect(page.note()).toBe("");
});

test("what the reader has made of it meanwhile stays, without the word on why", () => {
  const page = cutOffAndBack(({ message }) => type(message(), "Tell me less"));
  expect(page.message().value).toBe("Tell me less");
  expect(page.note()).toBe("");
});

test("it is the reader's again when it is cut off once more", () => {
  const page = cutOffAndBack();
  act(() => page.store.reset(makeView()));
  expect(page.message().value).toBe("Tell me more\n\nand this");
  expect(page.note()).toBe("Not answered: it was cut off on the server, and can be sent again.");
});

test("it is not when what waited has been sent meanwhile", () => {
  const page = started();
  const running = page.store.known.value ?? makeView();
  type(page.message(), "and then?");
  press(page.message(), "Enter");
  act(() => page.store.reset(makeView()));
  expect(page.message().value).toBe("Tell me more");
  expect(page.actions.asked.slice(1)).toEqual([{ send: "and then?" }]);
  act(() => page.store.reset(running));
  expect(page.message().value).toBe("");
  expect(page.note()).toBe("");
});

test("what was sent again is not touched when the first one goes on after all", () => {
  const page = cutOffAndBack(({ message }) => {
    press(message(), "Enter");
    type(message(), "Tell me more\n\nand this");
  });
  expect(page.message().value).toBe("Tell me more\n\nand this");
  expect(page.actions.asked).toHaveLength(2);
});

test("what was answered before the page heard that it began is settled, and the next one is sent", () => {
  const store = createStore(SERVER);
  store.reset(makeView());
  store.connection.value = "live";
  const page = setup({ store });
  type(page.message(), "Tell me more");
  press(page.message(), "Enter");
  const { request } = page.store.pending.value ?? { request: "" };
  type(page.message(), "and then?");
  press(page.message(), "Enter");
  expect(page.actions.asked).toEqual([{ send: "Tell me more" }]);
  act(() => page.store.reset(makeView({ accepted: [request] })));
  expect(page.actions.asked).toEqual([{ send: "Tell me more" }, { send: "and then?" }]);
});
