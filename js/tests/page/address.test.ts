import { expect, test } from "vitest";
import { placeOf } from "../../src/page/address";

function mainOf(attributes: Record<string, string>): HTMLElement {
  const main = document.createElement("main");
  Object.assign(main.dataset, attributes);
  return main;
}

test("the conversation is where the page says, under any prefix", () => {
  const main = mainOf({ base: "../..", project: "rivers", app: "a.b~1", expose: "state stepping" });
  const place = placeOf(main, "https://host.example/under/a/prefix/chat/rivers/a.b~1?x=1#y");
  expect(place.base.href).toBe("https://host.example/under/a/prefix/");
  expect(place.chat.href).toBe("https://host.example/under/a/prefix/chats/rivers/a.b~1/");
  expect(place.exposed).toEqual(["state", "stepping"]);
});

test("where nothing is exposed there is nothing", () => {
  const { exposed } = placeOf(mainOf({ base: "../..", expose: "" }), "http://127.0.0.1:8000/chat/p/a");
  expect(exposed).toEqual([]);
});
