import type { Control, Does } from "./control";
import { KEYS } from "./keys";

interface Look {
  does: Does;
  name: string;
  /** What the button does, for its title. */
  about: string;
  icon: string;
}

const CONTINUE: Look = {
  does: "continue",
  name: "Continue",
  about: "Go on to a breakpoint, or to the turn’s end",
  icon: "M4 3v10M7 3l7 5-7 5z",
};
const PAUSE: Look = { does: "pause", name: "Pause", about: "Hold before the next action", icon: "M5 3v10M11 3v10" };
const STEP: Look = {
  does: "step",
  name: "Step",
  about: "Run one action",
  icon: "M2 9a6 6 0 0 1 11-2M13.500 2.5V7H9M8 13h.01",
};
const STEP_DELTA: Look = {
  does: "step-delta",
  name: "Step delta",
  about: "Go on to the next delta, and hold the generator at its yield",
  icon: "M8 2v7M4.5 6 8 9.5 11.5 6M8 13h.01",
};
const STOP: Look = {
  does: "stop",
  name: "Stop",
  about: "End the turn: what it did to the state is taken back",
  icon: "M4 4h8v8H4z",
};

const ALL = [CONTINUE, PAUSE, STEP, STEP_DELTA, STOP];
/** Beside the composer, which has a Stop of its own. */
const HELD = [STEP, CONTINUE, STEP_DELTA];

/** The buttons; `held`: the ways on of a turn that is held. */
export function Controls({ control, held = false, label }: { control: Control; held?: boolean; label: string }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div class="bcw-controls" role="group" aria-label={label}>
      {(held ? HELD : ALL).map((look) => (
        <ControlButton key={look.does} look={look} control={control} />
      ))}
    </div>
  );
}

function ControlButton({ look: { does, name, about, icon }, control }: { look: Look; control: Control }) {
  const why = control.closed.value[does];
  const key = KEYS[does];
  return (
    <button
      type="button"
      class="bcw-control"
      data-does={does}
      aria-label={name}
      // Not `disabled`: that would throw the focus back to the notebook when a turn goes on.
      aria-disabled={why !== null}
      aria-pressed={does === "pause" ? control.pausing.value : undefined}
      aria-keyshortcuts={key.aria}
      aria-description={why ?? undefined}
      title={`${why ?? about} (${key.long})`}
      onClick={() => control.do(does)}
    >
      <svg class="bcw-control-icon" viewBox="0 0 16 16" aria-hidden="true">
        <path d={icon} />
      </svg>
      <span>{name}</span>
      <kbd>{key.short}</kbd>
    </button>
  );
}

/** Why something was not done, or is not done yet. */
export function ControlNote({ control }: { control: Control }) {
  const note = control.note.value;
  return (
    <p class="bcw-control-note" aria-live="polite">
      {note}
    </p>
  );
}
