// A kernel that has ended without a word: it is found out by what is sent to it.
import { act, render, within } from "@testing-library/preact";
import { expect, test } from "vitest";
import { chatActions } from "../../src/chat/actions";
import { Chat } from "../../src/chat/Chat";
import { createPlain } from "../../src/chat/plain";
import { createStore } from "../../src/store/store";
import { connect } from "../../src/transport/connection";
import { FakeChannel, snapshot } from "../transport/fakes";
import { makeView, say } from "./script";
import { press, type } from "./setup";

function connected() {
  const channel = new FakeChannel();
  const store = createStore();
  const connection = connect(channel, store, "me");
  let names = 0;
  const actions = chatActions(connection, store, () => `r${++names}`);
  const { container } = render(<Chat store={store} actions={actions} markdown={createPlain} />);
  const page = within(container as HTMLElement);
  act(() => channel.fire({ ...snapshot(0), view: makeView() }));
  const message = () => page.getByRole("textbox", { name: "Message" }) as HTMLTextAreaElement;
  const enter = (text: string) => {
    type(message(), text);
    press(message(), "Enter");
  };
  const note = () => container.querySelector(".bcw-note")?.textContent;
  return { channel, store, connection, message, enter, note, page };
}

test("what was typed is in the composer again, marked as not sent", () => {
  const { channel, store, connection, message, enter, note } = connected();
  channel.dead = true;
  enter("hello?");
  expect(store.connection.value).toBe("lost");
  expect(message().value).toBe("hello?");
  expect(message().readOnly).toBe(true);
  expect(message().disabled).toBe(false);
  expect(note()).toBe("The kernel is gone. Run the cells again to go on. Not sent: the message below.");
  connection.close();
});

test("so is what was queued, in order", () => {
  const { channel, store, connection, message, enter, note, page } = connected();
  enter("one");
  act(() => store.apply([say.turn("t1", "one", { request: "r1" }), say.step("t1", 1, "answer_question")]));
  enter("two");
  enter("three");
  channel.dead = true;
  act(() => page.getByRole("button", { name: "Stop" }).click());
  expect(message().value).toBe("two\n\nthree");
  expect(note()).toContain("Not sent");
  connection.close();
});

test("where nothing was said, nothing is marked", () => {
  const { channel, connection, message, note } = connected();
  type(message(), "half a thou");
  act(() => channel.lose("The kernel was restarted or has died."));
  expect(message().value).toBe("half a thou");
  expect(note()).toBe("The kernel was restarted or has died.");
  connection.close();
});
