import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Step } from "../protocol.gen";
import type { Control } from "./control";

/** Goes back to after the step, once the reader has been told what that means. */
export function Rewind({ step, running, control }: { step: Step; running: boolean; control: Control }) {
  const [asking, setAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const sure = useRef<HTMLButtonElement>(null);
  const why =
    step.status === "done" ? control.rewindClosed.value : "Only what a step has left behind can be gone back to.";
  useLayoutEffect(() => {
    if (asking) sure.current?.focus({ preventScroll: true });
  }, [asking]);

  const close = () => {
    setAsking(false);
    // The button is hidden until the next rendering.
    queueMicrotask(() => button.current?.focus({ preventScroll: true }));
  };
  if (!asking || why !== null) {
    return (
      <button
        ref={button}
        type="button"
        class="bcw-control"
        aria-disabled={why !== null}
        aria-description={why ?? undefined}
        title={why ?? `Go back to where the application was after step ${step.step}`}
        onClick={() => why === null && setAsking(true)}
      >
        <svg class="bcw-control-icon" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M3 3v4h4M3.5 7A5.5 5.5 0 1 1 3 10" />
        </svg>
        <span>Rewind</span>
      </button>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div
      class="bcw-rewind"
      role="group"
      aria-label={`Rewind to step ${step.step}?`}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <p>
        Go back to after step {step.step}, <b>{step.action}</b>? Rewinding undoes state, not side effects: what later
        steps have sent, written or paid stays as it is.{running && " The turn that runs is stopped."}
      </p>
      <button
        ref={sure}
        type="button"
        class="bcw-control"
        data-does="rewind"
        onClick={() => {
          control.rewind(step.step);
          close();
        }}
      >
        Rewind now
      </button>
      <button type="button" class="bcw-control" onClick={close}>
        Cancel
      </button>
    </div>
  );
}
