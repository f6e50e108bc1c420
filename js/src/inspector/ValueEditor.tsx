import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { breakLine, isComposing } from "../chat/keyboard";
import { useName } from "../chat/useName";
import { parse } from "./edits";

interface ValueEditorProps {
  label: string;
  /** What is there: a text is written as it is, anything else as JSON. */
  value: unknown;
  /** May throw words for the reader. */
  keep(value: unknown): void;
  cancel(): void;
  focuses?: boolean;
  /** Is given its element. */
  root?: RefObject<HTMLDivElement | null>;
}

/** A value while it is written: Enter keeps it, Escape leaves it as it was. */
export function ValueEditor({ label, value, keep, cancel, focuses = true, root }: ValueEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [error, setError] = useState<string | null>(null);
  const hint = useName();
  const isText = typeof value === "string";
  useLayoutEffect(() => {
    const element = area.current;
    if (element === null) return;
    element.value = isText ? value : value === undefined ? "" : JSON.stringify(value, null, 1);
    if (focuses) element.focus({ preventScroll: true });
  }, []);

  const submit = () => {
    const written = area.current?.value ?? "";
    try {
      keep(isText ? written : parse(written));
    } catch (wrong) {
      setError(wrong instanceof Error ? wrong.message : String(wrong));
      area.current?.focus({ preventScroll: true });
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Escape") cancel();
    else if (event.key !== "Enter" || event.target !== area.current || area.current === null) return;
    else if (event.shiftKey) breakLine(area.current);
    else submit();
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys are those of what is in it
    <div ref={root ?? null} class="bcw-value-editor" onKeyDown={onKeyDown} onClick={(event) => event.stopPropagation()}>
      <textarea
        ref={area}
        class="bcw-value-area"
        aria-label={label}
        aria-describedby={hint}
        aria-invalid={error !== null}
        rows={1}
        dir="auto"
        spellcheck={false}
      />
      <button type="button" class="bcw-link" onClick={submit}>
        Keep
      </button>
      <button type="button" class="bcw-link" onClick={cancel}>
        Cancel
      </button>
      <span id={hint} class={error === null ? "bcw-quiet" : "bcw-value-error"} aria-live="polite">
        {error ?? (isText ? "Enter keeps it · Esc leaves it" : "As JSON · Enter keeps it · Esc leaves it")}
      </span>
    </div>
  );
}
