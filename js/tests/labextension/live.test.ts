import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { afterEach, expect, test } from "vitest";
import { namesIn, statusOf, statusWords } from "../../labextension/src/live";
import { type LiveChat, registry } from "../../src/registry";

const MIME = "application/vnd.burr-chat+json";
const KEY = Symbol.for("burr-chat-widget");

afterEach(() => {
  delete (globalThis as { [KEY]?: unknown })[KEY];
});

function fake(key: string, title = "Chat", more: Partial<LiveChat> = {}): LiveChat {
  const chat = {
    key,
    kernel: () => "kernel",
    title: () => title,
    application: () => "app",
    status: () => "idle",
    action: () => null,
    isShown: () => true,
    subscribe: () => () => {},
    ...more,
  } as Partial<LiveChat> as LiveChat;
  registry().add(chat);
  return chat;
}

/** A notebook whose cells have these chats in their outputs. */
function notebook(...cells: string[][]): [NotebookPanel, INotebookTracker] {
  const panel = {
    sessionContext: { session: { kernel: { id: "kernel" } } },
    content: {
      model: {
        cells: cells.map((keys) => ({
          outputs: { length: keys.length, get: (at: number) => ({ metadata: { [MIME]: { key: keys[at] } } }) },
        })),
      },
    },
  } as unknown as NotebookPanel;
  return [panel, { find: () => panel } as unknown as INotebookTracker];
}

const named = (...cells: string[][]) =>
  [...namesIn(...notebook(...cells))].map(([{ key }, name]) => [key, name].join(": "));

test("chats of one title are numbered from the top of the notebook, in whichever order they came", () => {
  let isShown = true;
  fake("c");
  fake("a", "Chat", { isShown: () => isShown });
  fake("r", "Rivers");
  fake("b");
  expect(named(["a"], [], ["b", "r"], ["c"])).toEqual(["a: Chat", "b: Chat 2", "r: Rivers", "c: Chat 3"]);
  // The first cell was run again: its chat is another one, in the same place.
  isShown = false;
  fake("d");
  expect(named(["d"], ["b"], ["r"], ["c"])).toEqual(["d: Chat", "b: Chat 2", "r: Rivers", "c: Chat 3"]);
});

test("those that leave nothing in the file come after the others", () => {
  for (const key of ["x", "a", "y"]) fake(key);
  expect(named(["a"])).toEqual(["a: Chat", "x: Chat 2", "y: Chat 3"]);
});

test("a chat is ready, unless its last turn has failed or was stopped", () => {
  const said = (more: Partial<LiveChat>) => {
    const chat = fake("a", "Chat", more);
    return [statusOf(chat), statusWords(chat)];
  };
  const failed = () => ({ status: "failed", words: "Failed: Out of tokens" }) as const;
  expect(said({})).toEqual(["idle", "Ready"]);
  expect(said({ application: () => null })).toEqual(["idle", "Waiting for the kernel"]);
  expect(said({ outcome: () => null })).toEqual(["idle", "Ready"]);
  expect(said({ outcome: failed })).toEqual(["failed", "Failed: Out of tokens"]);
  expect(said({ outcome: () => ({ status: "stopped", words: "Stopped" }), isPausing: () => true })).toEqual([
    "stopped",
    "Stopped, will pause",
  ]);
  const running: Partial<LiveChat> = { outcome: failed, status: () => "running", action: () => "think" };
  expect(said(running)).toEqual(["running", "Running think"]);
  expect(said({ ...running, isAway: () => true })).toEqual(["disconnected", "Server not reached"]);
});
