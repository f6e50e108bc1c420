import { useState } from "preact/hooks";
import type { Step, View } from "../protocol.gen";
import { countMarks, decodeMarks } from "./marks";
import { count, seconds } from "./words";

/** So many deltas are shown at first, and so many more each time. */
const ROOM = 200;

/** The step's text as it came, a delta a line. */
export function Deltas({ view, step }: { view: View; step: Step }) {
  const [room, setRoom] = useState(ROOM);
  const total = countMarks(step.marks);
  if (total === 0) return <p class="bcw-quiet">{emptyWords(step)}</p>;
  const message = view.messages.find(({ key }) => key === `${step.turn}:${step.step}:text`);
  // A text that was replaced as a whole is no longer what the deltas made of it.
  const text = message === undefined || message.revision > 0 ? null : message.text;
  const marks = decodeMarks(step.marks, room);
  let from = 0;
  let before = 0;
  const lines = marks.map(({ at, length }) => {
    const line = { at, gap: at - before, text: text?.slice(from, from + length) ?? count(length, "character") };
    from += length;
    before = at;
    return line;
  });
  // The marks are by the clock, what the step took is not.
  const held = step.duration !== null && before > step.duration + 0.001;
  const others = step.status === "running" ? 0 : step.deltas - total;
  return (
    <>
      {step.thinned && <p class="bcw-quiet">There are so many that one line may stand for several.</p>}
      {held && <p class="bcw-quiet">The generator was held: that time is in these, and not in what the step took.</p>}
      {text === null && <p class="bcw-quiet">The text was replaced later: these are the deltas’ times and lengths.</p>}
      {others > 0 && !step.thinned && (
        <p class="bcw-quiet">{`${count(others, "delta")} of other kinds, such as reasoning or calls of tools, are not listed.`}</p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard */}
      <section class="bcw-deltas" aria-label="Deltas" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">at</th>
              <th scope="col">after</th>
              <th scope="col">text</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line, index) => (
              <tr key={index}>
                <td>{index + 1}</td>
                <td>{seconds(line.at)}</td>
                <td>{`+${seconds(line.gap)}`}</td>
                <td class={text === null ? "bcw-quiet" : "bcw-delta-text"} dir="auto">
                  {text === null ? line.text : visible(line.text)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {total > room && (
          <button type="button" class="bcw-link" onClick={() => setRoom(room + ROOM)}>
            {`Show ${Math.min(ROOM, total - room)} more of ${(total - room).toLocaleString("en")}`}
          </button>
        )}
      </section>
    </>
  );
}

/** A delta is often nothing but the end of a line. */
function visible(text: string): string {
  return text.replaceAll("\n", "↵");
}

function emptyWords(step: Step): string {
  if (!step.streaming) return "This action does not stream.";
  if (step.status === "running") return "No delta has come yet.";
  return step.deltas > 0 ? `${count(step.deltas, "delta")}, none of them text.` : "No delta came.";
}
