import fc from "fast-check";
import { expect, test } from "vitest";
import { indented, parseBeginning, preview } from "../../src/chat/json";

test.each([
  ['{"city": "Par', { city: "Par" }],
  ['{"city": ', {}],
  ['{"ci', {}],
  ['{"a": 1, "b": tru', { a: 1 }],
  ['{"a": [1, {"b": "x\\u00', { a: [1, { b: "x" }] }],
  ['{"a": "x\\', { a: "x" }],
  ["[1, -", [1]],
  ["[[1], [2, 3", [[1], [2, 3]]],
  ["", undefined],
  ["print(1)", undefined],
])("%s", (text, value) => expect(parseBeginning(text)).toEqual(value));

test("whatever the value, each beginning of an object shows an object", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (value, cut) => {
      const text = JSON.stringify(value);
      const shown = parseBeginning(text.slice(0, 1 + (cut % text.length)));
      expect(typeof shown).toBe("object");
    }),
  );
});

test("a preview is short", () => {
  expect(preview({ title: "x".repeat(500), more: 1 }).length).toBeLessThanOrEqual(80);
  expect(preview({})).toBe("{}");
  expect(preview([1, 2])).toBe("[2 items]");
});

test("numbers and the order of keys are copied as they were written", () => {
  const text =
    '{"id": 12345678901234567890, "x":1.0, "a": {"2": -0, "1": [1e400, []]}, "b": {}, "c": "a, {\\"b\\": 1}"}';
  expect(indented(text)).toBe(`{
  "id": 12345678901234567890,
  "x": 1.0,
  "a": {
    "2": -0,
    "1": [
      1e400,
      []
    ]
  },
  "b": {},
  "c": "a, {\\"b\\": 1}"
}`);
});

test("a whole value is copied as it is said elsewhere, and what is none as it is", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(indented(text)).toBe(JSON.stringify(JSON.parse(text), null, 2));
    }),
  );
  expect(indented('{"a": ')).toBe('{"a": ');
});
