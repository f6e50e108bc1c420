// The state machine with a question: which action runs next?
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { focusedNear, hasFocus } from "../focus";
import { Conditions } from "../inspector/Conditions";
import { ControlNote } from "../inspector/Controls";
import type { Control } from "../inspector/control";
import type { Store } from "../store/store";
import { counts, type Question, type Verdict } from "./question";
import { type Quiz, quizOf } from "./quiz";
import { scoreWords, verdictWords, waitingWords } from "./words";

export interface QuizProps {
  store: Store;
  control: Control;
  /** The state machine, as the core shows it. */
  graph: ComponentChildren;
}

export function QuizView({ store, control, graph }: QuizProps) {
  const quiz = useMemo(() => quizOf(store, control), [store, control]);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => quiz.mounted(), [quiz]);
  const { on, question, verdict } = quiz;
  const asked = question.value;

  useLayoutEffect(() => {
    // Where the last answer was given with a button, the next is too. The panel has kept the focus meanwhile.
    const { current } = panel;
    if (asked !== null && current !== null && focusedNear(current) === current)
      current.querySelector("button")?.focus();
  }, [asked?.place]);

  const choose = (action: string | null | undefined, event: Event): void => {
    if (!action || quiz.question.peek() === null) return;
    event.preventDefault();
    event.stopPropagation();
    // The buttons are about to go: without this the focus would fall back to the notebook.
    if (hasFocus(panel.current)) panel.current.focus({ preventScroll: true });
    quiz.choose(action);
  };
  const nodeOf = ({ target }: Event): string | null | undefined => {
    const element = target as Element;
    // Of the past nothing is asked, and a breakpoint's dot is none.
    if (store.past.peek() !== null || element.closest("[data-break]")) return null;
    return element.closest("[data-action]")?.getAttribute("data-action");
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[1-9]$/.test(event.key)) choose(question.peek()?.ways[Number(event.key) - 1], event);
  };

  return (
    <section class="bcw-quiz" aria-label="Quiz" data-asks={quiz.asks.value} onKeyDown={onKeyDown}>
      <Head quiz={quiz} />
      <ControlNote control={control} />
      <div ref={panel} class="bcw-quiz-panel" tabIndex={-1}>
        {asked === null ? (
          <p>{waitingWords(store.view.value, on.value)}</p>
        ) : (
          <Ask question={asked} closed={control.closed.value.step !== null} choose={choose} />
        )}
      </div>
      <div role="status" class="bcw-quiz-verdict" data-right={verdict.value?.isRight}>
        {verdict.value !== null && <Told verdict={verdict.value} />}
      </div>
      <div
        class="bcw-quiz-graph"
        onClickCapture={(event) => choose(nodeOf(event), event)}
        onKeyDownCapture={(event) => {
          if (event.repeat || (event.key !== "Enter" && event.key !== " ")) return;
          choose(nodeOf(event), event);
        }}
      >
        {graph}
      </div>
    </section>
  );
}

function Head({ quiz }: { quiz: Quiz }) {
  const { on, closed } = quiz;
  return (
    <div class="bcw-quiz-head">
      <button
        type="button"
        class="bcw-control"
        aria-disabled={closed !== null}
        onClick={() => (on.value ? quiz.end() : quiz.start())}
      >
        {on.value ? "End quiz" : "Start quiz"}
      </button>
      <span class="bcw-quiz-score">{scoreWords(quiz.score.value, on.value)}</span>
      {closed !== null && <span>{closed}</span>}
    </div>
  );
}

interface AskProps {
  question: Question;
  /** Whether no answer can be taken just now. */
  closed: boolean;
  choose(action: string, event: Event): void;
}

function Ask({ question, closed, choose }: AskProps) {
  const { after, ways } = question;
  return (
    <>
      <p aria-live="polite">
        <b>Which action runs {after === null ? "first" : "next"}?</b>{" "}
        {after !== null && `It was ${after} that ran last.`}
        {!counts(question) && " There is only one way: it counts nothing."}
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls */}
      <div class="bcw-controls" role="group" aria-label="Answers">
        {ways.map((action, index) => (
          <button
            key={action}
            type="button"
            class="bcw-control"
            aria-disabled={closed}
            aria-keyshortcuts={index < 9 ? String(index + 1) : undefined}
            // A key that is kept down would answer the next question too.
            onKeyDown={(event) => event.repeat && event.preventDefault()}
            onClick={(event) => choose(action, event)}
          >
            <span>{action}</span>
            {index < 9 && <kbd>{index + 1}</kbd>}
          </button>
        ))}
      </div>
      <p class="bcw-quiz-quiet">Or choose any node of the graph, by a click or by Enter.</p>
    </>
  );
}

function Told({ verdict }: { verdict: Verdict }) {
  return (
    <>
      <p>
        <b>{verdict.isRight ? "Right." : "No."}</b> {verdictWords(verdict)}
      </p>
      {verdict.conditions.length > 0 && <Conditions conditions={verdict.conditions} />}
    </>
  );
}
