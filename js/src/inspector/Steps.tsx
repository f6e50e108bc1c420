// The list of steps, by turn: one is chosen, with the arrow keys too.
import { useComputed } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { useName } from "../chat/useName";
import { handOver, hasFocus } from "../focus";
import type { Held, Step } from "../protocol.gen";
import type { Store } from "../store/store";
import { type Choice, type Group, groupsOf, ROOM } from "./choice";
import { isUndone } from "./counts";
import { countMarks, decodeMarks } from "./marks";
import { seconds, stepStatus } from "./words";

const MOVES: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 };

export function Steps({ store, choice }: { store: Store; choice: Choice }) {
  const list = useRef<HTMLDivElement>(null);
  const view = store.view.value;
  const chosen = useComputed(() => choice.step.value?.step ?? null).value;
  const newest = view?.steps.at(-1)?.step;
  useChosenInSight(list, chosen, newest);
  if (view === null || view.steps.length === 0) {
    return <p class="bcw-steps-empty">No step has been taken yet.</p>;
  }
  const left = view.steps.length - choice.room.value;
  const leave = (button: Element) =>
    handOver(button, list.current?.querySelector('[aria-selected="true"]'), list.current);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = MOVES[event.key];
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    choice.move(by);
  };
  return (
    <div class="bcw-steps">
      <div class="bcw-steps-bar">
        <span class="bcw-quiet">{`${view.steps.length.toLocaleString("en")} step${view.steps.length === 1 ? "" : "s"}`}</span>
        {left > 0 && (
          <button
            type="button"
            class="bcw-link"
            onClick={({ currentTarget }) => {
              if (left <= ROOM) leave(currentTarget);
              choice.room.value += ROOM;
            }}
          >
            {`Show earlier (${left.toLocaleString("en")})`}
          </button>
        )}
        {!choice.isFollowing && (
          <button
            type="button"
            class="bcw-link"
            onClick={({ currentTarget }) => {
              leave(currentTarget);
              choice.choose(null);
            }}
          >
            Follow the newest
          </button>
        )}
      </div>
      <div class="bcw-step-heads" aria-hidden="true">
        <span>#</span>
        <span>action</span>
        <span>took</span>
        <span>first delta</span>
        <span>deltas</span>
      </div>
      <div ref={list} class="bcw-steps-list" role="listbox" aria-label="Steps" onKeyDown={onKeyDown}>
        {groupsOf(view, choice.room.value).map((group) => (
          <Turn key={group.number} group={group} held={view.held} chosen={chosen} newest={newest} choice={choice} />
        ))}
      </div>
    </div>
  );
}

/** The chosen step is seen, also when the list comes into sight or gets smaller, and has the focus if the list has it. */
function useChosenInSight(
  list: { current: HTMLDivElement | null },
  chosen: number | null,
  newest: number | undefined,
): void {
  useLayoutEffect(() => {
    const box = list.current;
    const option = box?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (!box || !option) return;
    if (hasFocus(box)) option.focus({ preventScroll: true });
    // Scrolls the list itself, never the notebook.
    const scroll = () => {
      const inBox = option.getBoundingClientRect();
      const outer = box.getBoundingClientRect();
      if (inBox.top < outer.top) box.scrollTop -= outer.top - inBox.top + 24;
      else if (inBox.bottom > outer.bottom) box.scrollTop += inBox.bottom - outer.bottom;
    };
    scroll();
    const observer = new ResizeObserver(scroll);
    observer.observe(box);
    return () => observer.disconnect();
  }, [list, chosen, newest]);
}

interface TurnProps {
  group: Group;
  held: Held | null;
  chosen: number | null;
  newest: number | undefined;
  choice: Choice;
}

function Turn({ group: { turn, number, steps }, held, chosen, newest, choice }: TurnProps) {
  const title = useName();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div role="group" aria-labelledby={title}>
      <div id={title} class="bcw-step-turn" dir="auto" title={turn?.prompt ?? undefined}>
        {turn?.prompt ?? `Turn ${number}`}
      </div>
      {steps.map((step) => (
        <StepRow
          key={step.step}
          step={step}
          held={step.step === newest ? held : null}
          undone={isUndone(turn)}
          isChosen={step.step === chosen}
          choice={choice}
        />
      ))}
    </div>
  );
}

interface StepRowProps {
  step: Step;
  held: Held | null;
  undone: boolean;
  isChosen: boolean;
  choice: Choice;
}

function StepRow({ step, held, undone, isChosen, choice }: StepRowProps) {
  // A thousand rows are not made anew for each delta of one.
  return useMemo(() => {
    const status = stepStatus(step, held, undone);
    const first = step.first_delta ?? decodeMarks(step.marks, 1)[0]?.at ?? null;
    const deltas = Math.max(step.deltas, countMarks(step.marks));
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the list's
      <div
        class="bcw-step"
        role="option"
        tabIndex={isChosen ? 0 : -1}
        aria-selected={isChosen}
        data-step={step.step}
        data-status={status}
        title={status === "undone" ? "Undone with its turn" : undefined}
        onClick={() => choice.choose(step.step)}
        onFocus={() => isChosen || choice.choose(step.step)}
      >
        <span class="bcw-step-number">{step.step}</span>
        <span class="bcw-step-action">
          <i class="bcw-step-mark" aria-hidden="true" />
          <span>{step.action}</span>
          <span class={step.status === "done" ? "bcw-unseen" : "bcw-step-status"}>{status}</span>
        </span>
        <span>{step.duration === null ? "…" : seconds(step.duration)}</span>
        <span>{first === null ? "" : seconds(first)}</span>
        <span>{deltas === 0 ? "" : deltas.toLocaleString("en")}</span>
      </div>
    );
  }, [step, held, undone, isChosen, choice]);
}
