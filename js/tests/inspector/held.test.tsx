import { act, fireEvent, render, within } from "@testing-library/preact";
import { expect, test } from "vitest";
import { Chat } from "../../src/chat/Chat";
import { createPlain } from "../../src/chat/plain";
import { controlOf, HeldBar } from "../../src/inspector";
import { liveStore } from "../chat/script";
import { fakeStepping, tell } from "./script";
import "./setup";

test("the chat says where its turn is held, and how it goes on", () => {
  const store = liveStore();
  const actions = fakeStepping(store);
  const control = controlOf(store, actions);
  const { container } = render(
    <Chat store={store} actions={actions} markdown={createPlain}>
      <HeldBar store={store} control={control} />
    </Chat>,
  );
  const page = within(container as HTMLElement);
  const says = (...events: Parameters<typeof store.apply>[0]) => act(() => store.apply(events));
  says(tell.turn("t1", "hi"));
  expect(page.queryByRole("group", { name: "Held" })).toBeNull();
  says(tell.paused("t1", { reason: "pause", next_action: "prompt" }));
  const bar = page.getByRole("group", { name: "Held" });
  expect(bar.textContent).toContain("Held before prompt paused");
  expect(page.getByRole("status").textContent).toBe("Held before prompt");
  const buttons = within(bar).getAllByRole("button");
  expect(buttons.map((each) => each.getAttribute("aria-label"))).toEqual(["Step", "Continue", "Step delta"]);
  // The composer has one already.
  expect(page.getAllByRole("button", { name: "Stop" })).toHaveLength(1);
  fireEvent.click(page.getByRole("button", { name: "Step" }));
  says(tell.accepted("s1"), tell.resumed("t1"), tell.step("t1", 1, "prompt"));
  expect(page.queryByRole("group", { name: "Held" })).toBeNull();
  expect(actions.did).toEqual(["step-action"]);
  says(tell.paused("t1", { next_action: "check_safety" }));
  act(() => {
    store.connection.value = "lost";
  });
  expect(page.queryByRole("group", { name: "Held" })).toBeNull();
});
