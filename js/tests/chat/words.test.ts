import { expect, test } from "vitest";
import { connectionOf, connectionWords, statusWords } from "../../src/chat/words";
import { liveStore, makeView } from "./script";

test.each(["live", "waiting"] as const)("a server out of reach is said to be, %s or not", (connection) => {
  const store = liveStore(makeView({ composer: { ...makeView().composer, away: true } }));
  store.connection.value = connection;
  expect([connectionOf(store), connectionWords(store), statusWords(store)]).toEqual([
    "away",
    "Server not reached",
    "Waiting for the server",
  ]);
});
