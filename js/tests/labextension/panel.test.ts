import { afterEach, expect, test, vi } from "vitest";
import type { Docks } from "../../labextension/src/docks";
import { ChatsPanel } from "../../labextension/src/panel";
import { fakeNotebook, fakeTracker } from "./notebooks";

// It is made of a package that only the application has.
vi.mock("../../labextension/src/icons", () => ({ chatsIcon: {} }));

const KEY = Symbol.for("burr-chat-widget");

afterEach(() => {
  delete (globalThis as { [KEY]?: unknown })[KEY];
});

test("a notebook that was open before is called by its new name when it has another", () => {
  const { panel, is } = fakeNotebook("kernel", "before.ipynb");
  const shown: (() => void)[] = [];
  const docks = { onChange: (listener: () => void) => shown.push(listener) } as unknown as Docks;
  const { node } = new ChatsPanel(fakeTracker(panel), docks);
  for (const show of shown) show();
  expect(node.querySelector("h2")?.textContent).toBe("Chats in before.ipynb");
  is.title.label = "after.ipynb";
  is.context.pathChanged.emit("after.ipynb");
  expect(node.querySelector("h2")?.textContent).toBe("Chats in after.ipynb");
});
