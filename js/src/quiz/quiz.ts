// The quiz: it holds the turns of a chat before each action, as Pause and Step do, and lets them go on with an answer. Page-only
// state, one for each store, so that all views of it agree.
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Control } from "../inspector/control";
import type { View } from "../protocol.gen";
import type { QuizMask, Store } from "../store/store";
import { counts, hidden, placeOf, type Question, questionOf, type Verdict } from "./question";

export interface Score {
  right: number;
  of: number;
}

const quizzes = new WeakMap<Store, Quiz>();

export function quizOf(store: Store, control: Control): Quiz {
  let quiz = quizzes.get(store);
  if (quiz === undefined) {
    quiz = new Quiz(store, control);
    quizzes.set(store, quiz);
  }
  return quiz;
}

/** What there is to do, so that turns are held as long as the quiz is on, and not longer. */
type Task = "hold" | "let go" | "leave be" | "lost";

export class Quiz implements QuizMask {
  readonly on: ReadonlySignal<boolean>;
  readonly question: ReadonlySignal<Question | null>;
  readonly asks: ReadonlySignal<boolean>;
  /** Of the last answer. */
  readonly verdict: Signal<Verdict | null> = signal(null);
  readonly score: Signal<Score> = signal({ right: 0, of: 0 });
  readonly #store: Store;
  readonly #control: Control;
  /** The place of the last answer. */
  readonly #answered: Signal<string | null> = signal(null);
  /** It was ended after an answer, before the step has ended that it began: the turn will be held after that. */
  readonly #leaving = signal(false);
  #views = 0;

  constructor(store: Store, control: Control) {
    this.#store = store;
    this.#control = control;
    this.on = computed(() => store.quiz.value !== null);
    this.question = computed(() => {
      const view = this.on.value ? store.known.value : null;
      const question = view === null ? null : questionOf(view);
      return question?.place === this.#answered.value ? null : question;
    });
    this.asks = computed(() => this.question.value !== null);
    computed(() => this.#task()).subscribe((task) => this.#carryOut(task));
  }

  /** Why it cannot be started, null where it can. */
  get closed(): string | null {
    const view = this.#store.known.value;
    if (view === null) return `The ${this.#store.peer.name} has not answered yet.`;
    if (this.#store.connection.value === "lost") return this.#store.lost.value;
    if (view.session.recording !== null) return "This is a recording: nothing runs that could be predicted.";
    return this.#control.offered.value ? null : "The server does not let its clients hold turns.";
  }

  start(): void {
    if (this.closed !== null) return;
    batch(() => {
      this.verdict.value = null;
      this.score.value = { right: 0, of: 0 };
      this.#answered.value = null;
      this.#leaving.value = false;
      this.#store.past.value = null;
      this.#store.quiz.value = this;
    });
  }

  /** The turn goes on, and no other is held. */
  end(): void {
    if (!this.on.peek()) return;
    this.#store.quiz.value = null;
    const status = this.#store.status.peek();
    if (status === "paused" && this.#control.closed.peek().continue === null) {
      this.#control.do("continue");
      return;
    }
    if (status !== "paused" && this.#control.pausing.peek()) this.#control.do("pause");
    this.#leaving.value = status === "running" || status === "paused";
  }

  choose(action: string): void {
    const question = this.question.peek();
    // Only what can be let go is answered.
    if (question === null || this.#control.closed.peek().step !== null) return;
    const isRight = action === question.answer;
    batch(() => {
      this.verdict.value = { ...question, chosen: action, isRight };
      const { right, of } = this.score.peek();
      if (counts(question)) this.score.value = { right: right + (isRight ? 1 : 0), of: of + 1 };
      this.#answered.value = question.place;
    });
    this.#control.do("step");
  }

  hide(view: View): View {
    const isAnswered = placeOf(view) === this.#answered.value;
    // Held where nothing can be asked: at a breakpoint after the last action.
    const isOver = view.held !== null && questionOf(view) === null;
    return isAnswered || isOver ? view : hidden(view);
  }

  /** A view of it is on the page until the returned function is called; with the last one it ends. */
  mounted(): () => void {
    this.#views += 1;
    return () => {
      this.#views -= 1;
      if (this.#views === 0) this.end();
    };
  }

  #task(): Task | null {
    const { known, connection } = this.#store;
    const { pausing, closed } = this.#control;
    const view = known.value;
    if (view === null) return null;
    if (this.on.value) {
      if (connection.value === "lost") return "lost";
      return view.status === "paused" || pausing.value || closed.value.pause !== null ? null : "hold";
    }
    if (!this.#leaving.value || view.status === "running") return null;
    if (view.status === "idle" || connection.value === "lost") return "leave be";
    if (closed.value.continue !== null) return null;
    return view.held?.reason === "breakpoint" ? "leave be" : "let go";
  }

  #carryOut(task: Task | null): void {
    if (task === null) return;
    if (task === "hold") {
      this.#control.do("pause");
      return;
    }
    this.#leaving.value = false;
    if (task === "lost") this.#store.quiz.value = null;
    if (task === "let go") this.#control.do("continue");
  }
}
