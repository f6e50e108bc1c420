/** The applications that an action runs: a mark for each on its node's lower border, or of many how many are done. */
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { applicationsIn, type RowStatus, rowsOf } from "../spans/tree";
import { CHILD_ICON } from "./marks";
import type { Box } from "./positions";
import type { Scene } from "./scene";

const PITCH = 13;
const HEIGHT = 15;
/** More than this are counted instead. */
const MOST = 8;
/** How wide the count is, for each of its characters, and its mark. */
const CHARACTER = 6.2;
const COUNTED = 26;

/** It renders only when one of its marks changes; the layout knows nothing of it. */
export function NodeChildren({ scene, action, box }: { scene: Scene; action: string; box: Box }) {
  const marks = useMemo(
    () =>
      computed(() => {
        const step = scene.latest.value.get(action);
        return step === undefined
          ? ""
          : applicationsIn(rowsOf(step))
              .map((row) => row.status)
              .join(" ");
      }),
    [scene, action],
  );
  if (marks.value === "") return null;
  const statuses = marks.value.split(" ") as RowStatus[];
  const count = (status: RowStatus) => statuses.filter((each) => each === status).length;
  const done = count("done");
  const marked = statuses.length <= Math.min(MOST, Math.floor((box.w - 8) / PITCH));
  const words = `${done}/${statuses.length}`;
  const width = marked ? statuses.length * PITCH + 6 : words.length * CHARACTER + COUNTED;
  return (
    <g
      class="bcw-node-children"
      data-children={statuses.length}
      data-children-done={done}
      data-children-failed={count("failed")}
      transform={`translate(${box.w / 2},${box.h})`}
    >
      <rect x={-width / 2} y={-HEIGHT / 2} width={width} height={HEIGHT} rx={HEIGHT / 2} />
      {marked ? (
        statuses.map((status, index) => (
          <Mark key={index} status={status} x={(index - (statuses.length - 1) / 2) * PITCH} />
        ))
      ) : (
        <>
          <Mark status={overall(statuses)} x={-width / 2 + 11} />
          <text x={6}>{words}</text>
        </>
      )}
    </g>
  );
}

function Mark({ status, x }: { status: RowStatus; x: number }) {
  return (
    <g class="bcw-node-child" data-status={status} transform={`translate(${x},0)`}>
      <path d={CHILD_ICON[status]} />
    </g>
  );
}

/** One mark for all: what failed shows, then what runs. */
function overall(statuses: readonly RowStatus[]): RowStatus {
  const first = (["failed", "running", "waiting", "stopped"] as const).find((status) => statuses.includes(status));
  return first ?? "done";
}
