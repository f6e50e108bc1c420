// What is done to the stream on purpose: held at each delta, by hand or for a time, or made to go wrong. And which of it is on.
import { computed, type ReadonlySignal, useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { useName } from "../chat/useName";
import { ControlNote, Controls } from "../inspector/Controls";
import { heldWords } from "../inspector/words";
import type { Store } from "../store/store";
import type { TimelineProps } from "./Timeline";

/** The slider's end; more can be typed. */
const SLOW = 2;
/** What the kernel takes. */
const SLOWEST = 60;

export function Lab({ store, actions, control }: TimelineProps) {
  const pace = useMemo(() => paceOf(store), [store]);
  const fault = useMemo(() => faultOf(store), [store]);
  const session = useComputed(() => store.view.value?.session).value;
  if (session === undefined) return null;
  if (!control.offered.value) {
    return (
      <section class="bcw-lab" aria-label="Lab">
        <Which store={store} pace={pace} />
      </section>
    );
  }
  return (
    <section class="bcw-lab" aria-label="Lab">
      <Which store={store} pace={pace} />
      <div class="bcw-lab-part">
        <Controls control={control} label="Stepping" />
        <ControlNote control={control} />
      </div>
      <Pace pace={pace} set={actions.setPace} lost={store.connection.value === "lost"} />
      <Faults names={session.faults} fault={fault} set={actions.setFault} />
    </section>
  );
}

/** Whether the source is held, or what was recorded is replayed: the two look alike. */
function Which({ store, pace }: { store: Store; pace: ReadonlySignal<number> }) {
  const words = useComputed(() => whichWords(store, pace.value)).value;
  return (
    <p class="bcw-lab-which" role="status" aria-live="polite">
      {words}
    </p>
  );
}

export function whichWords(store: Store, pace: number): string {
  const view = store.view.value;
  const runs = view !== null && view.status !== "idle";
  if (store.past.value?.replay !== undefined) {
    if (runs) return "Replaying what was recorded: the turn itself goes on unseen.";
    return "Replaying what was recorded: nothing runs.";
  }
  if ((view?.session.recording ?? null) !== null) return "This is a recording: it can be replayed, and nothing runs.";
  const held = view?.held ?? null;
  if (held?.at === "delta") return "The source is held at a delta until the turn is continued.";
  if (held !== null) return `${heldWords(held)} until the turn is continued: no source runs.`;
  if (pace > 0) return `The source is held ${pace.toFixed(2)} s at each delta: the generator itself waits.`;
  return "The source runs at its own pace, and nothing is replayed.";
}

/** As it was asked for, where the kernel has not said yet. */
function paceOf(store: Store): ReadonlySignal<number> {
  return computed(() => {
    const asked = store.asked.value.findLast(({ type }) => type === "set-pace");
    return asked?.type === "set-pace" ? asked.seconds : (store.view.value?.pace ?? 0);
  });
}

function faultOf(store: Store): ReadonlySignal<string | null> {
  return computed(() => {
    const asked = store.asked.value.findLast(({ type }) => type === "set-fault");
    return asked?.type === "set-fault" ? asked.fault : (store.view.value?.fault ?? null);
  });
}

interface PaceProps {
  pace: ReadonlySignal<number>;
  set(seconds: number): void;
  lost: boolean;
}

function Pace({ pace, set, lost }: PaceProps) {
  const id = useName();
  const change = (event: Event & { currentTarget: HTMLInputElement }) => {
    const seconds = Math.max(0, Math.min(SLOWEST, Number(event.currentTarget.value) || 0));
    event.currentTarget.value = String(seconds);
    if (seconds !== pace.peek()) set(seconds);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a frame of its own
    <div class="bcw-lab-part" role="group" aria-label="Pace">
      <label for={id}>Hold the source at each delta for</label>
      <input
        type="range"
        aria-label="Seconds at each delta"
        aria-valuetext={`${pace.value.toFixed(2)} s`}
        min={0}
        max={SLOW}
        step={0.05}
        value={Math.min(SLOW, pace.value)}
        disabled={lost}
        onChange={change}
      />
      <input
        id={id}
        type="number"
        class="bcw-lab-number"
        min={0}
        max={SLOWEST}
        step={0.05}
        value={pace.value}
        disabled={lost}
        onChange={change}
      />
      <span>s</span>
    </div>
  );
}

/** What each fault of the offline model does. */
const ABOUT: Record<string, string> = {
  "slow first token": "The model thinks for three seconds before it says anything.",
  stall: "After a few words nothing comes for three seconds. Then it goes on.",
  "dropped connection": "The connection is lost in the middle of the answer.",
  "error in mid-stream": "The provider says in the stream that it failed, though its response began well.",
  "malformed chunk": "One event of the stream is cut off: it is not JSON.",
  "awkward bytes":
    "The bytes come cut within characters, line ends and field names. A reader that is right notices nothing.",
  burst: "After a few words all the others come at once.",
};

interface FaultsProps {
  names: readonly string[] | undefined;
  fault: ReadonlySignal<string | null>;
  set(fault: string | null): void;
}

function Faults({ names = [], fault, set }: FaultsProps) {
  const armed = fault.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a frame of its own
    <div class="bcw-lab-part" role="group" aria-label="Faults">
      {names.length === 0 ? (
        <p class="bcw-lab-words">
          Only the offline model can be made to go wrong: this application talks to another, or to none.
        </p>
      ) : (
        <>
          <span>Let the next answer go wrong:</span>
          {names.map((name) => (
            <button
              key={name}
              type="button"
              class="bcw-control"
              aria-pressed={name === armed}
              title={ABOUT[name]}
              onClick={() => set(name === armed ? null : name)}
            >
              {name}
            </button>
          ))}
          <p class="bcw-lab-words" aria-live="polite">
            {armed === null
              ? "Nothing will go wrong on purpose."
              : `The next streamed answer, and only that: ${armed}. ${ABOUT[armed] ?? ""}`}
          </p>
        </>
      )}
    </div>
  );
}
