import { useRef } from "preact/hooks";
import type { Again } from "./again";

export interface VersionsProps {
  turn: string;
  siblings: readonly string[];
  again: Again;
}

/** ‹ 1/2 ›: which of the versions of a turn is shown. The arrows rest while a turn runs. */
export function Versions({ turn, siblings, again }: VersionsProps) {
  const row = useRef<HTMLSpanElement>(null);
  const at = siblings.indexOf(turn);
  const arrow = (button: "previous" | "next", sign: string, to: string | undefined) => {
    const rests = to === undefined || again.can.value !== "now";
    const show = () => {
      if (!rests && row.current !== null) again.show(to, row.current, button);
    };
    return (
      <button
        type="button"
        class="bcw-arrow"
        aria-label={button === "previous" ? "Previous version" : "Next version"}
        aria-disabled={rests}
        data-shows={button}
        onClick={show}
      >
        {sign}
      </button>
    );
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <span
      ref={row}
      class="bcw-versions"
      role="group"
      aria-label={`Version ${at + 1} of ${siblings.length}`}
      data-turn={turn}
    >
      {arrow("previous", "‹", siblings[at - 1])}
      <span aria-hidden="true">{`${at + 1}/${siblings.length}`}</span>
      {arrow("next", "›", siblings[at + 1])}
    </span>
  );
}
