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
            <button
              type="button"
              class="bcw-link"
              aria-label={`Remove the breakpoint ${words}`}
              title="Remove"
              onClick={() => control.setBreakpoint(breakpoint.action, breakpoint.when, true)}
            >
              ×
            </button>
          </li>
        );
      })}
    </ul>
  );
}
