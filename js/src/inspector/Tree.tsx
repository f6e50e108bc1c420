// Values of the kernel as a tree: what a step did to each is marked, and what is inside is fetched when it is unfolded.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Row } from "../protocol.gen";
import type { Store } from "../store/store";
import type { Edits } from "./edits";
import { openEditor, RowEdit, remove } from "./RowEdit";
import { type Entry, type Line, linesOf, type Place } from "./values";
import { count } from "./words";

interface TreeProps {
  root: Place;
  label: string;
  store: Store;
  /** Whether what a step changed is shown, and can be looked at alone. */
  changes?: boolean;
  /** At first that alone is shown; this is said where nothing was changed. */
  only?: string | undefined;
  /** Where the values can be changed. */
  edits?: Edits | undefined;
}

/** It is not made anew with what is around it: that happens for each delta of a turn that runs, and it may have many rows. */
export function Tree({ root, label, store, changes = false, only, edits }: TreeProps) {
  return useMemo(
    () => <Lines root={root} label={label} store={store} changes={changes} only={only} edits={edits} />,
    [root, label, store, changes, only, edits],
  );
}

function Lines({ root, label, store, changes, only, edits }: TreeProps) {
  const changedOnly = useSignal(only !== undefined);
  const lines = useMemo(() => linesOf(root, changedOnly), [root, changedOnly]).value;
  const current = useSignal<string | null>(null);
  const tree = useRef<HTMLDivElement>(null);
  useEffect(() => {
    void (changes ? root.beginChanged() : root.begin());
  }, [root, changes]);

  const at = Math.max(
    0,
    lines.findIndex(({ key }) => key === current.value),
  );
  const focus = (index: number) => {
    const line = lines[Math.max(0, Math.min(lines.length - 1, index))];
    if (line === undefined) return;
    current.value = line.key;
    const item = [...(tree.current?.children ?? [])].find((each) => (each as HTMLElement).dataset.line === line.key);
    (item as HTMLElement | undefined)?.focus({ preventScroll: false });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const line = lines[at];
    if (line === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    // An editor's keys are its own.
    if ((event.target as Element).getAttribute("role") !== "treeitem") return;
    const isOpen = line.kind === "row" && line.entry.open.peek();
    if (event.key === "ArrowDown") focus(at + 1);
    else if (event.key === "ArrowUp") focus(at - 1);
    else if (event.key === "Home") focus(0);
    else if (event.key === "End") focus(lines.length - 1);
    else if (event.key === "ArrowRight") {
      if (isOpen) focus(at + 1);
      else if (line.kind === "row") unfold(line.entry);
    } else if (event.key === "ArrowLeft") {
      if (isOpen) line.entry.fold();
      else focus(lines.findLastIndex(({ level }, index) => index < at && level < line.level));
    } else if (event.key === "F2" || (event.key === "Enter" && line.kind === "row" && !line.entry.unfolds)) {
      if (edits === undefined || line.kind !== "row" || !openEditor(line.entry, edits)) return;
    } else if (event.key === "Delete") {
      if (edits === undefined || line.kind !== "row" || !remove(line.entry, edits)) return;
    } else if (event.key === "Enter" || event.key === " ") press(line);
    else return;
    event.preventDefault();
  };

  const noChange = changedOnly.value && lines.length === 0;
  const isEmpty = lines.length === 0 && !noChange && !root.loading.value;
  return (
    <div class="bcw-values">
      {changes && (
        <label class="bcw-values-filter">
          <input
            type="checkbox"
            checked={changedOnly.value}
            onChange={(event) => {
              changedOnly.value = event.currentTarget.checked;
            }}
          />
          Changed only
        </label>
      )}
      <div
        ref={tree}
        class="bcw-value-tree"
        role="tree"
        aria-label={label}
        aria-busy={root.loading.value}
        onKeyDown={onKeyDown}
      >
        {lines.map((line, index) => (
          <TreeLine
            key={line.key}
            line={line}
            tabbable={index === at}
            store={store}
            edits={edits}
            onFocus={() => {
              current.value = line.key;
            }}
          />
        ))}
      </div>
      {isEmpty && root.error.value === null && <p class="bcw-quiet">Empty.</p>}
      {noChange && (
        <p class="bcw-quiet">{root.more.value > 0 ? "None of these was changed." : (only ?? "Nothing was changed.")}</p>
      )}
    </div>
  );
}

function unfold(entry: Entry): void {
  if (entry.unfolds) entry.unfold();
}

/** What Enter and a click do to a line. */
function press(line: Line): void {
  if (line.kind === "row") {
    if (line.entry.open.peek()) line.entry.fold();
    else unfold(line.entry);
  } else if (line.kind === "rest") void line.place.next();
}

interface LineProps {
  line: Line;
  tabbable: boolean;
  store: Store;
  edits: Edits | undefined;
  onFocus(): void;
}

function TreeLine({ line, tabbable, store, edits, onFocus }: LineProps) {
  const tabIndex = tabbable ? 0 : -1;
  const common = {
    "aria-level": line.level,
    "data-line": line.key,
    style: `--bcw-level:${line.level - 1}`,
    onFocus,
  };
  if (line.kind === "row")
    return <RowLine entry={line.entry} edits={edits} tabIndex={tabIndex} common={common} onPress={() => press(line)} />;
  if (line.kind === "text") {
    return (
      <div role="treeitem" tabIndex={tabIndex} {...common} class="bcw-value bcw-value-text" dir="auto">
        {line.place.text}
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the tree's
    <div role="treeitem" tabIndex={tabIndex} {...common} class="bcw-value bcw-value-rest" onClick={() => press(line)}>
      <RestWords place={line.place} store={store} />
    </div>
  );
}

function RestWords({ place, store }: { place: Place; store: Store }) {
  const error = place.error.value;
  const isBusy = store.connection.value === "waiting";
  if (error !== null) {
    return (
      <>
        <span class="bcw-value-error">{error}</span>
        {store.connection.value !== "lost" && <span class="bcw-link">Try again</span>}
      </>
    );
  }
  if (place.loading.value)
    return <span class="bcw-quiet">{isBusy ? `${store.peer.busy} It comes when it answers.` : "…"}</span>;
  const isText = place.text.value !== null;
  return <span class="bcw-link">{`Show more (${count(place.more.value, isText ? "character" : "row")} left)`}</span>;
}

const SIGNS = { added: "+", changed: "~", removed: "−" } as const;

interface RowLineProps {
  entry: Entry;
  edits: Edits | undefined;
  tabIndex: number;
  common: object;
  onPress(): void;
}

function RowLine({ entry, edits, tabIndex, common, onPress }: RowLineProps) {
  const { row, unfolds } = entry;
  const open = useComputed(() => entry.open.value).value;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the tree's
    <div
      role="treeitem"
      tabIndex={tabIndex}
      {...common}
      class="bcw-value"
      aria-expanded={unfolds ? open : undefined}
      data-key={row.key}
      data-change={row.change ?? undefined}
      onClick={onPress}
    >
      <span class="bcw-value-sign" aria-hidden="true">
        {row.change === null ? "" : SIGNS[row.change]}
      </span>
      <span class="bcw-value-fold" data-unfolds={unfolds} aria-hidden="true" />
      <span class="bcw-value-key" dir="auto">
        {row.key}
      </span>
      {row.change !== null && <span class="bcw-unseen">{` ${row.change} `}</span>}
      <Value row={row} open={open} />
      <span class="bcw-value-kind">{row.kind}</span>
      {edits !== undefined && <RowEdit entry={entry} edits={edits} />}
    </div>
  );
}

function Value({ row, open }: { row: Row; open: boolean }) {
  if (row.redacted) return <span class="bcw-value-hidden">hidden: it stays in the kernel</span>;
  const before = row.change === "changed" && row.before !== null && row.before !== row.text ? row.before : null;
  // What is unfolded below need not be told in short as well.
  if (open && row.length === null) return <span class="bcw-value-now" />;
  return (
    <span class="bcw-value-now" dir="auto">
      {before !== null && (
        <>
          <span class="bcw-unseen">was </span>
          <del>{before}</del>
          <span aria-hidden="true"> → </span>
          <span class="bcw-unseen"> and is </span>
        </>
      )}
      {row.change === "removed" ? <del>{row.text}</del> : <span>{row.text}</span>}
      {row.length !== null && <span class="bcw-quiet">{` ${count(row.length, "character")}`}</span>}
    </span>
  );
}
