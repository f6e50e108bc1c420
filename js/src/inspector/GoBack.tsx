import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Step } from "../protocol.gen";
import type { Store } from "../store/store";
import { Changes } from "./Changes";
import type { Control } from "./control";
import type { Edits } from "./edits";

type Way = "rewind" | "fork";

const NAMES = { rewind: "Rewind", fork: "Fork" } as const;
const ICONS = {
  rewind: "M3 3v4h4M3.5 7A5.5 5.5 0 1 1 3 10",
  fork: "M4 2v12M4 9c6 0 8-2 8-5M10 5.5 12 3l2 2.5",
} as const;

interface GoBackProps {
  store: Store;
  step: Step;
  running: boolean;
  control: Control;
  edits: Edits;
}

/** Goes on from after the step, in this branch or in another, once the reader has been told what that means. */
export function GoBack({ store, step, running, control, edits }: GoBackProps) {
  const [asking, setAsking] = useState<Way | null>(null);
  const buttons = { rewind: useRef<HTMLButtonElement>(null), fork: useRef<HTMLButtonElement>(null) };
  const sure = useRef<HTMLButtonElement>(null);
  const why =
    step.status === "done" ? control.rewindClosed.value : "Only what a step has left behind can be gone back to.";
  useLayoutEffect(() => {
    if (asking !== null) sure.current?.focus({ preventScroll: true });
  }, [asking]);
  const mended = edits.mended.value;
  useLayoutEffect(() => {
    if (mended !== null) control.mended(mended);
  }, [control, mended]);
  useLayoutEffect(() => edits.settle(), [edits, store.view.value?.accepted]);

  const close = () => {
    setAsking(null);
    // The button is hidden until the next rendering.
    if (asking !== null) queueMicrotask(() => buttons[asking].current?.focus({ preventScroll: true }));
  };
  const after = `after step ${step.step}`;
  if (asking === null || why !== null) {
    const offer = (way: Way, about: string) => (
      <button
        ref={buttons[way]}
        type="button"
        class="bcw-control"
        aria-disabled={why !== null}
        aria-description={why ?? undefined}
        title={why ?? about}
        onClick={() => why === null && setAsking(way)}
      >
        <svg class="bcw-control-icon" viewBox="0 0 16 16" aria-hidden="true">
          <path d={ICONS[way]} />
        </svg>
        <span>{NAMES[way]}</span>
      </button>
    );
    return (
      <>
        <Changes edits={edits} />
        {offer("rewind", `Go back to where the application was ${after}`)}
        {offer("fork", `Go on from ${after} in another branch`)}
      </>
    );
  }
  const stops = running && " The turn that runs is stopped.";
  return (
    <>
      <Changes edits={edits} />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls */}
      <div
        class="bcw-rewind"
        role="group"
        aria-label={asking === "rewind" ? `Rewind to step ${step.step}?` : `Fork ${after}?`}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          close();
        }}
      >
        {asking === "rewind" ? (
          <p>
            Go back to {after}, <b>{step.action}</b>? Rewinding undoes state, not side effects: what later steps have
            sent, written or paid stays as it is.{stops}
          </p>
        ) : (
          <p>
            Fork {after}, <b>{step.action}</b>? The conversation so far goes on in another branch, with an application
            of its own; this one stays.{stops}
          </p>
        )}
        <button
          ref={sure}
          type="button"
          class="bcw-control"
          data-does="rewind"
          onClick={() => {
            edits.sent(control[asking](step.step, edits.toSend()));
            close();
          }}
        >
          {NAMES[asking]} now
        </button>
        <button type="button" class="bcw-control" onClick={close}>
          Cancel
        </button>
      </div>
    </>
  );
}
