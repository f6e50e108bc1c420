import { expect, test } from "vitest";
import { DEFAULTS, type Settings, settingsFrom } from "../src/settings";

test.each([undefined, null, "settings", {}, { views: [], frames: 0, save: "all", sendKey: "Tab", animations: "no" }])(
  "what is not understood is as by default: %o",
  (given) => {
    expect(settingsFrom(given)).toEqual(DEFAULTS);
  },
);

test("what is understood is taken, the views in their own order", () => {
  const given: Settings = { ...DEFAULTS, sendKey: "Ctrl+Enter", animations: false, frames: 60, save: "transcript" };
  expect(settingsFrom({ ...given, views: ["timeline", "chat", "table"], colour: "red" })).toEqual({
    ...given,
    views: ["chat", "timeline"],
  });
});
