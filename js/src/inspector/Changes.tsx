// What would be changed in the state: a list of it, and a key that is added.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { leaveRow } from "../focus";
import { type Change, dotted, type Edits } from "./edits";
import { ValueEditor } from "./ValueEditor";
import type { Place } from "./values";
import { count } from "./words";

/** The changes that go with Rewind and Fork; each can be undone. */
export function Changes({ edits }: { edits: Edits }) {
  const changes = edits.changes.value;
  if (changes.length === 0) return null;
  return (
    <div class="bcw-changes">
      <p>
        <b>{count(changes.length, "change")}</b> of the state, made when you rewind or fork:
      </p>
      <ul aria-label="Changes of the state">
        {changes.map((change) => (
          <li key={JSON.stringify(change.path)} data-change={change.does}>
            <ChangeWords change={change} />{" "}
            <button
              type="button"
              class="bcw-link"
              aria-label={`Undo the change of ${dotted(change.path)}`}
              onClick={(event) => {
                leaveRow(event.currentTarget);
                edits.undo(change.path);
              }}
            >
              Undo
            </button>
            {edits.errorAt(change.path) !== null && <span class="bcw-value-error">{edits.errorAt(change.path)}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function ChangeWords({ change: { path, value, does } }: { change: Change }) {
  return (
    <>
      <code dir="auto">{dotted(path)}</code>{" "}
      <span class="bcw-changes-value" dir="auto">
        {does === "remove" ? "is removed" : `= ${JSON.stringify(value)}`}
      </span>
    </>
  );
}

/** The changes that were made since the step. */
export function ChangesMade({ changes }: { changes: readonly Change[] }) {
  return (
    <div class="bcw-changes">
      <p>Since then it was changed by hand:</p>
      <ul aria-label="Changes since then">
        {changes.map((change) => (
          <li key={JSON.stringify(change.path)}>
            <ChangeWords change={change} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A key that the state has not got yet. */
export function AddKey({ edits, root }: { edits: Edits; root: Place }) {
  const adding = useSignal(false);
  const name = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    adding.value = false;
    // The button is there after the next rendering.
    queueMicrotask(() => button.current?.focus({ preventScroll: true }));
  };
  if (!adding.value) {
    return (
      <button
        ref={button}
        type="button"
        class="bcw-link"
        onClick={() => {
          adding.value = true;
          queueMicrotask(() => name.current?.focus({ preventScroll: true }));
        }}
      >
        Add a key
      </button>
    );
  }
  const keep = (value: unknown) => {
    const key = name.current?.value ?? "";
    if (key === "") throw new Error("The key has no name yet.");
    const isThere = root.rows.peek().some(({ row }) => row.key === key && row.change !== "removed");
    if (isThere) throw new Error(`There is ${key} already. Edit it in its row.`);
    edits.make({ path: [key], value, does: "add" });
    close();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div
      class="bcw-add-key"
      role="group"
      aria-label="Add a key"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        close();
      }}
    >
      <input ref={name} class="bcw-value-area" aria-label="Key" placeholder="key" spellcheck={false} />
      <ValueEditor label="Value, as JSON" value={undefined} keep={keep} cancel={close} focuses={false} />
    </div>
  );
}
