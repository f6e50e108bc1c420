// A structured value, unfolded a level at a time.
import { useState } from "preact/hooks";
import { leaveEnd } from "../focus";
import { Disclosure } from "./disclosure";
import { type Branch, isBranch, type Json, leaf, Numeral, preview } from "./json";

/** The key under which the kernel says how much it has left out: `LEFT_OUT` in bridge/values.py. */
const LEFT_OUT = "…";
/** So many entries are shown at once. */
const PAGE = 100;

/** The entries of a value, and those of its values when the reader unfolds them. */
export function Tree({ value, label }: { value: Json; label?: string }) {
  if (!isBranch(value)) {
    return (
      <div class="bcw-tree" dir="auto">
        <Leaf value={value} />
      </div>
    );
  }
  return <Entries value={value} {...(label === undefined ? {} : { label })} />;
}

function Entries({ value, label }: { value: Branch; label?: string }) {
  const [room, setRoom] = useState(PAGE);
  const entries: [string, Json][] = Array.isArray(value)
    ? value.map((each, index) => [String(index), each])
    : Object.entries(value);
  const more = entries.length - room;
  const show = (button: Element) => {
    if (more <= PAGE) leaveEnd(button);
    setRoom(room + PAGE);
  };
  return (
    <ul class="bcw-tree" aria-label={label}>
      {entries.slice(0, room).map(([key, each]) => (
        <Entry key={key} name={key} value={each} />
      ))}
      {entries.length === 0 && <li class="bcw-tree-note">empty</li>}
      {more > 0 && (
        <li>
          <button type="button" class="bcw-quiet-button" onClick={({ currentTarget }) => show(currentTarget)}>
            {`Show ${Math.min(more, PAGE)} more of ${more}`}
          </button>
        </li>
      )}
    </ul>
  );
}

function Entry({ name, value }: { name: string; value: Json }) {
  const left = leftOut(name, value);
  if (left !== null) return <li class="bcw-tree-note">{`${left}: left out`}</li>;
  const key = <span class="bcw-tree-key">{name}</span>;
  if (!isBranch(value) || isEmpty(value)) {
    return (
      <li>
        {key}
        <Leaf value={value} />
      </li>
    );
  }
  return (
    <li>
      <Disclosure
        open={false}
        summary={
          <>
            {key}
            <span class="bcw-tree-preview">{preview(value)}</span>
          </>
        }
      >
        {() => <Entries value={value} />}
      </Disclosure>
    </li>
  );
}

function Leaf({ value }: { value: Json }) {
  const type = value === null ? "null" : value instanceof Numeral ? "number" : typeof value;
  return (
    <span class="bcw-tree-value" data-type={type} dir="auto">
      {typeof value === "string" ? value : leaf(value)}
    </span>
  );
}

function isEmpty(value: Branch): boolean {
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

/** What was left out here, in the kernel's words; null when the entry is one like the others. */
function leftOut(key: string, value: Json): string | null {
  if (key === LEFT_OUT && typeof value === "string") return value;
  if (!isBranch(value) || Array.isArray(value)) return null;
  const keys = Object.keys(value);
  const words = value[LEFT_OUT];
  return keys.length === 1 && typeof words === "string" ? words : null;
}
