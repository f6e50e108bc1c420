import { leaveRow } from "../focus";
import type { Control } from "./control";
import { breakpointWords } from "./words";

/** Where turns are held, and what takes that away. */
export function Breakpoints({ control }: { control: Control }) {
  const breakpoints = control.breakpoints.value;
  if (breakpoints.length === 0) return null;
  return (
    <ul class="bcw-breakpoints" aria-label="Breakpoints">
      {breakpoints.map((breakpoint) => {
        const words = breakpointWords(breakpoint);
        return (
          <li key={`${breakpoint.when} ${breakpoint.action}`}>
            <i class="bcw-breakpoint-dot" aria-hidden="true" />
            <span>{words}</span>
            {breakpoint.condition !== null && (
              <button
                type="button"
                class="bcw-link"
                aria-label={`Hold always ${breakpoint.when} ${breakpoint.action}`}
                title="Without its condition"
                onClick={(event) => {
                  // It goes with the condition.
                  (event.currentTarget.nextElementSibling as HTMLElement | null)?.focus();
                  control.setBreakpoint(breakpoint.action, breakpoint.when, false);
                }}
              >
                Always
              </button>
            )}
            <button
              type="button"
              class="bcw-link"
              aria-label={`Remove the breakpoint ${words}`}
              title="Remove"
              onClick={(event) => {
                leaveRow(event.currentTarget);
                control.setBreakpoint(breakpoint.action, breakpoint.when, true);
              }}
            >
              ×
            </button>
          </li>
        );
      })}
    </ul>
  );
}
