/** Breakpoints at an action: dots on its node's left corners, and buttons in its card and in the list. */
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Box } from "./positions";
import { breakpointAt, conditionInWords, type Stepping, toggle, type When } from "./stepping";

const SIDES: readonly When[] = ["before", "after"];

interface Props {
  stepping: Stepping | undefined;
  action: string;
}

/** For the pointer: keys and assistive technology have the node itself and the buttons. */
export function NodeBreakpoints({ stepping, action, box }: Props & { box: Box }) {
  const bound = useMemo(
    () =>
      stepping?.setBreakpoint &&
      SIDES.map((when) => {
        const point = computed(() => breakpointAt(stepping, action, when));
        return {
          when,
          set: computed(() => String(point.value !== undefined)),
          conditional: computed(() => String((point.value?.condition ?? null) !== null)),
          title: computed(() => `Break ${when}${conditionInWords(point.value?.condition ?? null)}`),
        };
      }),
    [stepping, action],
  );
  return (
    <>
      {bound?.map(({ when, set, conditional, title }) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: see above
        <g
          key={when}
          class="bcw-node-break"
          data-break={when}
          data-set={set}
          data-conditional={conditional}
          transform={`translate(9,${when === "before" ? 0 : box.h})`}
          onClick={(event) => {
            event.stopPropagation();
            toggle(stepping, action, when);
          }}
        >
          <title>{title}</title>
          <rect x="-14" y="-11" width="28" height="22" />
          <circle r="5" />
        </g>
      ))}
    </>
  );
}

export function BreakpointButtons({ stepping, action }: Props) {
  if (!stepping?.setBreakpoint) return null;
  return (
    <div class="bcw-graph-breaks">
      {SIDES.map((when) => {
        const point = breakpointAt(stepping, action, when);
        return (
          <button
            key={when}
            type="button"
            aria-pressed={point !== undefined}
            title={when === "before" ? "B" : "Shift+B"}
            onClick={() => toggle(stepping, action, when)}
          >
            {`Break ${when}${conditionInWords(point?.condition ?? null)}`}
          </button>
        );
      })}
    </div>
  );
}
