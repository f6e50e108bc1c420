import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Again } from "./again";
import { breakLine, isComposing, meansOfEnter } from "./keyboard";
import { useName } from "./useName";

export interface EditProps {
  text: string;
  again: Again;
  /** Says whether it was sent. */
  send(text: string): boolean;
  cancel(): void;
}

/** A prompt while it is edited: it is sent as from the composer, Escape leaves it as it was. */
export function Edit({ text, again, send, cancel }: EditProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [empty, setEmpty] = useState(false);
  const hint = useName();
  const rests = again.can.value !== "now" || empty;

  useLayoutEffect(() => {
    const element = area.current;
    if (element === null) return;
    element.value = text;
    element.focus({ preventScroll: true });
    element.setSelectionRange(text.length, text.length);
  }, []);

  const submit = () => {
    const written = area.current?.value ?? "";
    if (!rests && written.trim() !== "") send(written);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    const enter = meansOfEnter(event, again.settings.peek().sendKey);
    if (event.key === "Escape") cancel();
    else if (enter === null || event.target !== area.current || area.current === null) return;
    else if (enter === "break") breakLine(area.current);
    else submit();
    // Of Escape too: it is not meant for a turn that runs meanwhile.
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys are those of what is in it
    <div class="bcw-edit" onKeyDown={onKeyDown}>
      <textarea
        ref={area}
        class="bcw-input"
        aria-label="Edit message"
        aria-describedby={hint}
        rows={1}
        dir="auto"
        onInput={(event) => setEmpty(event.currentTarget.value.trim() === "")}
      />
      <div class="bcw-edit-row">
        <span id={hint} class="bcw-edit-hint">
          {again.can.value === "now"
            ? "The chat goes on from here. What came after stays, as another version."
            : "It can be sent when the turn has ended."}
        </span>
        <span class="bcw-edit-buttons">
          <button type="button" class="bcw-quiet-button" onClick={cancel}>
            Cancel
          </button>
          <button type="button" class="bcw-quiet-button" aria-disabled={rests} onClick={submit}>
            Send edit
          </button>
        </span>
      </div>
    </div>
  );
}
