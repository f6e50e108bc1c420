// What a row of a state offers to whoever would change it: its editor, how it is changed, what is wrong with that.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { hasFocus } from "../focus";
import { dotted, type Edits, isEditable, isRemovable, isSame, jsonOf, whyClosed } from "./edits";
import { ValueEditor } from "./ValueEditor";
import type { Entry } from "./values";

interface RowEditProps {
  entry: Entry;
  edits: Edits;
}

function pathOf({ inside }: Entry): string[] {
  return inside.rowsTo.map(({ key }) => key);
}

/** Whether something above it is changed as a whole: then it stays as it is. */
function isCovered(entry: Entry, edits: Edits): boolean {
  const path = pathOf(entry);
  return path.some((_, length) => length > 0 && edits.at(path.slice(0, length)) !== undefined);
}

/** Open the editor of a row. Says whether it has one. */
export function openEditor(entry: Entry, edits: Edits): boolean {
  if (!isEditable(entry) || whyClosed(entry) !== null || isCovered(entry, edits)) return false;
  edits.open.value = pathOf(entry);
  return true;
}

/** Says whether the row can be removed. */
export function remove(entry: Entry, edits: Edits): boolean {
  if (!isRemovable(entry) || isCovered(entry, edits)) return false;
  edits.make({ path: pathOf(entry), value: null, does: "remove" });
  return true;
}

export function RowEdit({ entry, edits }: RowEditProps) {
  const path = pathOf(entry);
  const change = edits.at(path);
  const error = edits.errorAt(path);
  const { key } = entry.row;
  if (edits.open.value !== null && isSame(edits.open.value, path)) return <Editor entry={entry} edits={edits} />;
  const act = (does: () => void) => (event: MouseEvent) => {
    event.stopPropagation();
    focusRow(event.currentTarget as Element);
    does();
  };
  const free = !isCovered(entry, edits);
  return (
    <>
      {change !== undefined && (
        <span class="bcw-value-new" dir="auto">
          {change.does === "remove" ? "to be removed" : `→ ${JSON.stringify(change.value)}`}
        </span>
      )}
      <span class="bcw-value-does">
        {change !== undefined && <RowButton does="Undo" name={key} onClick={act(() => edits.undo(path))} />}
        {free && isEditable(entry) && change?.does !== "remove" && (
          <RowButton
            does="Edit"
            name={key}
            closed={change === undefined ? whyClosed(entry) : null}
            onClick={act(() => openEditor(entry, edits))}
          />
        )}
        {free && isRemovable(entry) && change === undefined && (
          <RowButton does="Remove" name={key} onClick={act(() => remove(entry, edits))} />
        )}
      </span>
      {error !== null && (
        <span class="bcw-value-error bcw-value-refused" role="alert">
          {error}
        </span>
      )}
    </>
  );
}

interface RowButtonProps {
  does: string;
  name: string;
  /** Why it does nothing. */
  closed?: string | null;
  onClick(event: MouseEvent): void;
}

function RowButton({ does, name, closed = null, onClick }: RowButtonProps) {
  return (
    // The keys of the tree do the same: it is one stop.
    <button
      type="button"
      class="bcw-link"
      tabIndex={-1}
      aria-label={`${does} ${name}`}
      aria-disabled={closed !== null}
      aria-description={closed ?? undefined}
      title={closed ?? undefined}
      onClick={onClick}
    >
      {does}
    </button>
  );
}

function focusRow(element: Element): void {
  element.closest<HTMLElement>('[role="treeitem"]')?.focus({ preventScroll: true });
}

/** The editor, once what there is has come. */
function Editor({ entry, edits }: RowEditProps) {
  const path = pathOf(entry);
  const root = useRef<HTMLDivElement>(null);
  const read = useSignal<{ value: unknown } | { error: string } | null>(null);
  useEffect(() => {
    const change = edits.at(path);
    if (change !== undefined) read.value = { value: change.value };
    else
      jsonOf(entry).then(
        (value) => {
          read.value = { value };
        },
        (error: Error) => {
          read.value = { error: error.message };
        },
      );
  }, [entry, edits]);
  const close = () => {
    if (hasFocus(root.current)) focusRow(root.current);
    edits.open.value = null;
  };
  const found = read.value;
  if (found === null) return <span class="bcw-quiet">…</span>;
  if ("error" in found) {
    return (
      <span ref={root} class="bcw-value-editor">
        <span class="bcw-value-error" role="alert">
          {found.error}
        </span>
        <button type="button" class="bcw-link" onClick={close}>
          Close
        </button>
      </span>
    );
  }
  return (
    <ValueEditor
      root={root}
      label={`New value of ${dotted(path)}`}
      value={found.value}
      cancel={close}
      keep={(value) => {
        if (JSON.stringify(value) !== JSON.stringify(found.value)) edits.make({ path, value, does: "set" });
        close();
      }}
    />
  );
}
