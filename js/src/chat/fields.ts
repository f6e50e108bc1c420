// What is filled in of a form, by the path of each field (`order.amount`, `answers.0`), and what the kernel is sent of it:
// strings as they were typed. The kernel reads and validates them; what was not touched is not sent, and keeps its default.
import type { Field } from "../protocol.gen";

export type FieldValue = string | boolean;
export type FieldValues = Readonly<Record<string, FieldValue>>;

/** What a field's control shows before anybody has touched it. */
export function initialValue(field: Field): FieldValue {
  const value = field.default;
  if (field.kind === "boolean") return typeof value === "boolean" ? value : "";
  if (value === null || value === undefined) return "";
  if (field.kind === "json") return JSON.stringify(value, null, 1);
  return Array.isArray(value) ? value.join("\n") : String(value);
}

/** The `inputs` of a send command. */
export function filledIn(fields: readonly Field[], values: FieldValues, prefix = ""): Record<string, unknown> {
  const inputs: Record<string, unknown> = {};
  for (const field of fields) {
    const path = prefix + field.name;
    const value = values[path];
    if (field.kind === "object") {
      const inner = filledIn(field.fields, values, `${path}.`);
      if (Object.keys(inner).length > 0) inputs[field.name] = inner;
    } else if (field.labels.length > 0) {
      inputs[field.name] = field.labels.map((_, n) => values[`${path}.${n}`] ?? "");
    } else if (value !== undefined) {
      inputs[field.name] = field.kind === "list" ? lines(String(value)) : value;
    }
  }
  return inputs;
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** What is wrong with a field: at its path, or, where its parts have no fields of their own, at theirs. */
export function errorAt(errors: Readonly<Record<string, string>>, path: string, hasParts: boolean): string | null {
  const found = Object.entries(errors).flatMap(([at, message]) => {
    if (at === path) return [message];
    if (hasParts || !at.startsWith(`${path}.`)) return [];
    const part = at.slice(path.length + 1);
    return [`${/^\d+$/.test(part) ? `Item ${Number(part) + 1}` : part}: ${message}`];
  });
  return found.length > 0 ? found.join(" ") : null;
}
