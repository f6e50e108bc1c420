import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { restUnseen, UNSEEN_MS } from "../../src/page/unseen";

let hidden: boolean;
let leaving: AbortController;

beforeEach(() => {
  hidden = false;
  leaving = new AbortController();
  vi.useFakeTimers();
  vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
});
afterEach(() => {
  leaving.abort();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function setUp() {
  const page = { idle: true, did: [] as string[] };
  const channel = { rest: () => void page.did.push("rest"), hurry: () => void page.did.push("hurry") };
  restUnseen(channel, () => page.idle, leaving.signal);
  return page;
}

function turn(away: boolean): void {
  hidden = away;
  document.dispatchEvent(new Event("visibilitychange"));
}

test("a page that nobody looks at rests after a while, and is there at once when it is seen", async () => {
  const page = setUp();
  turn(true);
  await vi.advanceTimersByTimeAsync(UNSEEN_MS - 1);
  expect(page.did).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  turn(false);
  expect(page.did).toEqual(["rest", "hurry"]);
  await vi.advanceTimersByTimeAsync(10 * UNSEEN_MS);
  expect(page.did).toEqual(["rest", "hurry"]);
});

test("so does one that was opened where nobody looks", async () => {
  hidden = true;
  const page = setUp();
  await vi.advanceTimersByTimeAsync(UNSEEN_MS);
  expect(page.did).toEqual(["rest"]);
});

test("it waits for its answer first", async () => {
  const page = setUp();
  page.idle = false;
  turn(true);
  await vi.advanceTimersByTimeAsync(5 * UNSEEN_MS);
  expect(page.did).toEqual([]);
  page.idle = true;
  await vi.advanceTimersByTimeAsync(UNSEEN_MS);
  expect(page.did).toEqual(["rest"]);
});

test("a glance elsewhere changes nothing", async () => {
  const page = setUp();
  for (let i = 0; i < 5; i++) {
    turn(true);
    await vi.advanceTimersByTimeAsync(UNSEEN_MS / 2);
    turn(false);
  }
  await vi.advanceTimersByTimeAsync(10 * UNSEEN_MS);
  expect(new Set(page.did)).toEqual(new Set(["hurry"]));
});

test.each(["online", "pageshow"])("%s is a reason to hurry for who looks, and for nobody else", async (event) => {
  const page = setUp();
  dispatchEvent(new Event(event));
  expect(page.did).toEqual(["hurry"]);
  turn(true);
  await vi.advanceTimersByTimeAsync(UNSEEN_MS);
  dispatchEvent(new Event(event));
  expect(page.did).toEqual(["hurry", "rest"]);
  turn(false);
  expect(page.did).toEqual(["hurry", "rest", "hurry"]);
});
