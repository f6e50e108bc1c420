// A saved chat: its channel answers as a kernel would have, and whatever it was saved by it opens, or says why not.
import { act, within } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import written from "../../../tests/interop/fixtures/saved-1.json";
import type { Command, KernelMessage, SavedChat } from "../../src/protocol.gen";
import { createSavedChannel } from "../../src/saved/channel";
import { openDocument } from "../../src/saved/document";
import { mountSaved } from "../../src/saved/saved";

/** Written by the first version that had the format: it opens for ever. */
const fixture = written as unknown as SavedChat;

let leaving = new AbortController();
beforeEach(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
});
afterEach(() => {
  act(() => leaving.abort());
  vi.unstubAllGlobals();
});

async function ask(command: Command): Promise<KernelMessage[]> {
  const channel = createSavedChannel(fixture);
  const heard: KernelMessage[] = [];
  channel.onMessage((message) => heard.push(message));
  channel.send(command);
  expect(heard).toEqual([]);
  await Promise.resolve();
  return heard;
}

const inspect = (path: number[], more: object = {}): Command => ({
  ...{
    type: "inspect",
    client: "me",
    request: "r",
    step: 0,
    what: "state",
    path,
    start: 0,
    branch: null,
    against: null,
  },
  ...more,
});

test("hello is answered with the view, in which nothing runs", async () => {
  const [snapshot] = await ask({ type: "hello", client: "me" });
  expect(snapshot).toMatchObject({ type: "snapshot", client: "me", view: { messages: fixture.view.messages } });
  expect(snapshot).toHaveProperty("view.session.recording", "saved chat");
});

test("a log is all that was told of the turn, or why there is none", async () => {
  const [turn] = fixture.turns;
  const log = (key: string, start = 0) => ask({ type: "log", client: "me", request: "r", turn: key, start });
  expect(await log(turn?.key ?? "")).toMatchObject([
    { type: "logged", request: "r", error: null, events: turn?.events },
  ]);
  expect(await log(turn?.key ?? "", 3)).toMatchObject([{ events: [], error: null }]);
  expect(await log("another")).toMatchObject([{ error: "What was told of this turn is not in what was saved." }]);
});

test("a value can be opened as far as it was saved, and is not offered to be opened further", async () => {
  const places = fixture.steps.find(({ step }) => step === 0)?.places ?? [];
  const root = places.find(({ what, path }) => what === "state" && path.length === 0);
  const [answer] = await ask(inspect([]));
  expect(answer).toMatchObject({ type: "inspected", request: "r", error: null });
  const rows = answer?.type === "inspected" ? answer.rows : [];
  expect(rows.map(({ key }) => key)).toEqual(root?.rows.map(({ key }) => key));
  for (const [at, row] of rows.entries()) {
    const [inside] = await ask(inspect([at]));
    const isThere = inside?.type === "inspected" && inside.error === null;
    expect(row.rows > 0 || row.length !== null, row.key).toBe(isThere);
  }
  for (const other of [{ step: 999 }, { start: 5 }, { branch: "b9" }, { against: "b1" }]) {
    expect(await ask(inspect([], other))).toMatchObject([{ error: "This is not in what was saved." }]);
  }
});

test("what would need a kernel is not heard", async () => {
  expect(await ask({ type: "send", client: "me", request: "r", text: "hi", inputs: {} })).toEqual([]);
});

test.each([
  [null, "This is no chat"],
  [{ view: {} }, "This is no chat"],
  [{ format: 1 }, "cannot be read"],
  [{ format: 0, view: {}, turns: [], steps: [] }, "cannot be read"],
  [{ ...fixture, format: 2, version: "9.1" }, "saved by a newer burr-chat-widget 9.1"],
])("%o is not opened, and says so in place of the chat", (data, words) => {
  expect(() => openDocument(data)).toThrow(words);
  leaving = new AbortController();
  const el = document.createElement("div");
  mountSaved(el, data, { load: () => new Promise(() => {}), signal: leaving.signal });
  expect(within(el).getByRole("alert").textContent).toContain(words);
});

test("a document of the first version is shown, with words in place of the composer", async () => {
  leaving = new AbortController();
  const el = document.createElement("div");
  document.body.append(el);
  await act(async () => {
    mountSaved(el, fixture, { load: () => new Promise(() => {}), signal: leaving.signal, closed: "Run the cell." });
  });
  const page = within(el);
  expect(page.getAllByRole("article")).toHaveLength(fixture.view.messages.length);
  expect(el.querySelector(".bcw-title")?.textContent).toBe("Saved </script> chat");
  expect(el.querySelector(".bcw-connection")?.textContent).toBe("Saved");
  expect(page.getByText("Run the cell.")).toBeTruthy();
  expect(page.queryByRole("textbox")).toBeNull();
  for (const name of ["Send", "Run", "Retry", "Edit"]) expect(page.queryAllByRole("button", { name })).toEqual([]);
  act(() => leaving.abort());
  expect(el.childElementCount).toBe(0);
});
