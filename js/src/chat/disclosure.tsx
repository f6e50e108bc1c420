// Something that the reader unfolds: a button, and what it shows. What is folded is not made.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useName } from "./useName";

export interface DisclosureProps {
  /** What the button says; `label` is its name where that alone would not do. */
  summary: ComponentChildren;
  label?: string;
  /** Whether it is open while the reader has not said otherwise: what they say counts for good. */
  open: boolean;
  className?: string;
  children: () => ComponentChildren;
}

export function Disclosure({ summary, label, open, className = "", children }: DisclosureProps) {
  const [own, setOwn] = useState<boolean | null>(null);
  const panel = useName();
  const shown = own ?? open;
  return (
    <div class={`bcw-disclosure ${className}`}>
      <button
        type="button"
        class="bcw-disclosure-button"
        aria-expanded={shown}
        aria-controls={shown ? panel : undefined}
        aria-label={label}
        onClick={() => setOwn(!shown)}
      >
        {summary}
      </button>
      {shown && (
        <div id={panel} class="bcw-disclosure-panel">
          {children()}
        </div>
      )}
    </div>
  );
}
