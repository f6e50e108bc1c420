// The way of a view out of its cell, where the page has the extension that shows it beside the notebook.
import type { ReadonlySignal } from "@preact/signals";
import { BesideIcon } from "./BesideIcon";
import "./beside.css";

/** Opens a view there; null where nobody offers it. */
export type OpenBeside<Name> = ReadonlySignal<((view: Name) => void) | null>;

export function Beside<Name extends string>({ open, view }: { open: OpenBeside<Name>; view: Name }) {
  const act = open.value;
  if (act === null) return null;
  const name = "Open beside the notebook";
  return (
    <button type="button" class="bcw-beside" aria-label={name} title={name} onClick={() => act(view)}>
      <BesideIcon />
    </button>
  );
}
