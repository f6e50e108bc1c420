import { act, within } from "@testing-library/preact";
import { expect, test } from "vitest";
import { Choice } from "../../src/inspector/choice";
import { mountView } from "../../src/views";
import { liveStore } from "../chat/script";
import { press } from "../chat/setup";
import { fakeStepping, tell } from "../inspector/script";

const turn = (name: string, first: number) => [
  tell.turn(name, `prompt of ${name}`),
  tell.step(name, first, "prompt"),
  tell.finished(name, first, "prompt"),
  tell.step(name, first + 1, "generate_poem"),
  tell.text(first + 1, `poem of ${name}`),
  tell.finished(name, first + 1, "generate_poem"),
  tell.completed(name),
];

/** A chat and its graph, each a view of its own, after two turns. */
function setup() {
  const store = liveStore();
  store.apply([...turn("t1", 1), ...turn("t2", 3)]);
  const actions = fakeStepping(store);
  const leaving = new AbortController();
  const mount = (view: "chat" | "graph") => {
    const el = document.createElement("div");
    document.body.append(el);
    act(() =>
      mountView(view, el, leaving.signal, {
        store,
        actions,
        session: "page",
        arrivals: new Map(),
        load: () => new Promise<Record<string, unknown>>(() => {}),
      }),
    );
    return { el: el.firstElementChild as HTMLElement, page: within(el) };
  };
  const choice = new Choice(store);
  return {
    store,
    actions,
    choice,
    chat: mount("chat"),
    graph: mount("graph"),
    choose: (step: number) => act(() => choice.choose(step)),
    leave: () => act(() => leaving.abort()),
  };
}

const banners = ({ chat, graph }: ReturnType<typeof setup>) =>
  [chat, graph].map(({ page }) => page.queryByRole("group", { name: "The past" })?.querySelector("p")?.textContent);

test("an earlier step is shown as the past in all views, until the reader goes back", () => {
  const page = setup();
  const { chat, graph, choose, choice } = page;
  expect(banners(page)).toEqual([undefined, undefined]);
  choose(1);
  expect(banners(page)).toEqual(Array(2).fill("The past: after step 1, prompt."));
  expect(chat.page.getAllByRole("article").map((each) => each.dataset.role)).toEqual(["user"]);
  expect(graph.el.querySelector<HTMLElement>('[data-action="generate_poem"]')?.dataset.visits).toBe("0");
  const message = chat.page.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
  expect(message.readOnly).toBe(true);
  expect(chat.el.textContent).toContain("This is the past. Go back to now to go on.");

  act(() => graph.page.getByRole("button", { name: "Back to now" }).click());
  expect(banners(page)).toEqual([undefined, undefined]);
  expect(chat.page.getAllByRole("article")).toHaveLength(4);
  expect(graph.el.querySelector<HTMLElement>('[data-action="generate_poem"]')?.dataset.visits).toBe("2");
  expect(message.readOnly).toBe(false);
  expect(choice.isFollowing).toBe(true);
  page.leave();
});

test("the newest step is not the past, nor is one that has left nothing behind", () => {
  const page = setup();
  page.choose(4);
  expect(banners(page)).toEqual([undefined, undefined]);
  act(() =>
    page.store.apply([
      tell.turn("t3", "more"),
      tell.step("t3", 5, "prompt"),
      tell.finished("t3", 5, "prompt", { status: "failed" }),
      tell.failed("t3"),
      ...turn("t4", 6),
    ]),
  );
  // What was the newest when it was chosen does not become the past by itself.
  expect(banners(page)).toEqual([undefined, undefined]);
  page.choose(5);
  expect(banners(page)).toEqual([undefined, undefined]);
  page.choose(4);
  expect(banners(page)).toEqual(Array(2).fill("The past: after step 4, generate_poem."));
  page.leave();
});

test("a turn that runs goes on unseen, and Escape does not stop it", () => {
  const page = setup();
  act(() => page.store.apply([tell.turn("t3", "more"), tell.step("t3", 5, "prompt")]));
  page.choose(2);
  expect(page.chat.page.getAllByRole("article")).toHaveLength(2);
  act(() => page.store.apply([tell.text(5, "unseen")]));
  expect(banners(page)[0]).toBe("The past: after step 2, generate_poem. Something new has come since.");
  expect(page.chat.el.textContent).not.toContain("unseen");
  act(() => void press(page.chat.page.getByRole("textbox", { name: "Message" }), "Escape"));
  expect(banners(page)).toEqual([undefined, undefined]);
  expect(page.chat.el.textContent).toContain("unseen");
  expect(page.store.stopping.value).toBe(null);
  page.leave();
});

test("nothing is sent from the past, and what was queued before is", () => {
  const page = setup();
  const message = page.chat.page.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
  act(() => page.store.apply([tell.turn("t3", "more")]));
  const type = (text: string) =>
    act(() => {
      message.value = text;
      message.dispatchEvent(new InputEvent("input", { bubbles: true }));
    });
  type("queued");
  act(() => void press(message, "Enter"));
  page.choose(1);
  type("typed");
  act(() => void press(message, "Enter"));
  expect(page.store.pending.value).toBe(null);
  act(() => page.store.apply([tell.completed("t3")]));
  expect(page.store.pending.value?.text).toBe("queued");
  expect(page.chat.el.textContent).not.toContain("queued");
  expect(banners(page)[0]).toContain("The past: after step 1, prompt.");
  page.leave();
});
