/** What ran inside a step, or inside several, as rows that the reader unfolds. What is folded is not made. */
import { useState } from "preact/hooks";
import { useName } from "../chat/useName";
import { leaveEnd } from "../focus";
import type { Step } from "../protocol.gen";
import { type Pair, type Row, rowOf, rowsOf } from "./tree";
import { deltaWords, figureWords, outcomeWords, pairWords, rowLabel } from "./words";
import "./spans.css";

/** So many rows are drawn at once. */
const PAGE = 50;
/** What has no more rows than this below it is open from the start; applications never are. */
const SMALL = 6;
/** From here on rows are not set in any further: a narrow page has no room for it. */
const DEEP = 6;

export function SpanTree({ steps, label }: { steps: readonly Step[]; label: string }) {
  const [first] = steps;
  const only = steps.length === 1 && first !== undefined;
  return (
    <div class="bcw-spans">
      {only && <Facts facts={[["logged", Object.entries(first.attributes).map(line)]]} />}
      <Rows rows={only ? rowsOf(first) : steps.map(rowOf)} depth={0} label={label} />
    </div>
  );
}

function Rows({ rows, depth, label }: { rows: readonly Row[]; depth: number; label?: string }) {
  const [room, setRoom] = useState(PAGE);
  const more = rows.length - room;
  const show = (button: Element) => {
    if (more <= PAGE) leaveEnd(button);
    setRoom(room + PAGE);
  };
  if (rows.length === 0) return null;
  return (
    <ul class="bcw-spans-rows" data-deep={depth > DEEP} aria-label={label}>
      {rows.slice(0, room).map((row) => (
        <RowItem key={row.key} row={row} depth={depth} />
      ))}
      {more > 0 && (
        <li>
          <button type="button" class="bcw-spans-more" onClick={({ currentTarget }) => show(currentTarget)}>
            {`Show ${Math.min(more, PAGE)} more of ${more}`}
          </button>
        </li>
      )}
    </ul>
  );
}

function RowItem({ row, depth }: { row: Row; depth: number }) {
  const [own, setOwn] = useState<boolean | null>(null);
  const panel = useName();
  const facts = factsOf(row);
  const open = own ?? (row.kind !== "application" && row.rows.length > 0 && row.size <= SMALL);
  const unfolds = row.rows.length > 0 || facts.length > 0;
  return (
    <li class="bcw-spans-item" data-kind={row.kind} data-status={row.status}>
      {unfolds ? (
        <button
          type="button"
          class="bcw-spans-row"
          // As its text while it is folded: unfolding must not give it another name.
          aria-label={rowLabel(row)}
          aria-expanded={open}
          aria-controls={open ? panel : undefined}
          onClick={() => setOwn(!open)}
        >
          <Line row={row} open={open} />
        </button>
      ) : (
        <div class="bcw-spans-row">
          <Line row={row} open={false} />
        </div>
      )}
      {open && unfolds && (
        <div id={panel} class="bcw-spans-panel">
          <Facts facts={facts} />
          <Rows rows={row.rows} depth={depth + 1} />
        </div>
      )}
    </li>
  );
}

/** The line of a row. What is unfolded below is no longer abridged in it. */
function Line({ row, open }: { row: Row; open: boolean }) {
  const outcome = open ? "" : outcomeWords(row);
  const figures = figureWords(row);
  return (
    <>
      <Mark status={row.status} />
      <span class="bcw-unseen">{`${row.status} `}</span>
      <span class="bcw-spans-title">{`${row.title} `}</span>
      {row.apart.length > 0 && (
        <span class="bcw-spans-about" dir="auto">
          {`${pairWords(row.apart)} `}
        </span>
      )}
      {outcome !== "" && (
        <span class="bcw-spans-outcome" dir="auto">
          {`${outcome} `}
        </span>
      )}
      {figures !== "" && <span class="bcw-spans-figures">{figures}</span>}
    </>
  );
}

const MARKS: Record<Row["status"], string> = {
  waiting: "M3.5 6h.01M6 6h.01M8.5 6h.01",
  running: "M6 1.5A4.5 4.5 0 1 1 1.5 6",
  done: "M2 6.5 5 9.2 10 3",
  stopped: "M2.5 6h7",
  failed: "M3 3l6 6M9 3l-6 6",
};

function Mark({ status }: { status: Row["status"] }) {
  return (
    <svg class="bcw-spans-mark" viewBox="0 0 12 12" aria-hidden="true">
      <path d={MARKS[status]} />
    </svg>
  );
}

type Fact = [term: string, lines: string[]];

function factsOf(row: Row): Fact[] {
  const changes = row.changes.map(({ key, change, after }): string =>
    after === null ? `${key} ${change}` : `${key} = ${after}`,
  );
  const facts: Fact[] = [
    ["given", row.given.map(line)],
    ["result", changes],
    ["logged", row.attributes.map(line)],
    ["streamed", [deltaWords(row)].filter(Boolean)],
    ["error", row.error === null ? [] : [row.error]],
  ];
  return facts.filter(([, lines]) => lines.length > 0);
}

function line([name, value]: Pair): string {
  return `${name} = ${value}`;
}

function Facts({ facts }: { facts: readonly Fact[] }) {
  const told = facts.filter(([, lines]) => lines.length > 0);
  if (told.length === 0) return null;
  return (
    <ul class="bcw-spans-facts">
      {told.map(([term, lines]) => (
        <li key={term} data-fact={term}>
          <span class="bcw-spans-term">{term} </span>
          <span class="bcw-spans-lines">
            {lines.map((each, index) => (
              <span key={index} dir="auto">
                {each}
              </span>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}
