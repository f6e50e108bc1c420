/** Steps in which something happens: three questions asked side by side, what a tracer tells, and more than anyone reads. */
import type { Span, Step } from "../../src/protocol.gen";
import type { WireEvent } from "../../src/store/fold";
import { action, edge, graphOf } from "../graph/samples";

export function span(number: number, more: Partial<Span> = {}): Span {
  return {
    span: number,
    kind: "span",
    name: `span ${number}`,
    started: 100,
    parent: null,
    status: "done",
    duration: 0.012,
    deltas: 0,
    given: {},
    changes: [],
    attributes: {},
    error: null,
    ...more,
  };
}

export function step(number: number, name: string, more: Partial<Step> = {}): Step {
  return {
    turn: "t1",
    step: number,
    action: name,
    started: 100,
    status: "done",
    duration: 0.5,
    first_delta: null,
    deltas: 0,
    streaming: false,
    inputs: {},
    changes: [],
    decision: null,
    spans: [],
    attributes: {},
    marks: "",
    thinned: false,
    by_hand: [],
    ...more,
  };
}

export const fan = graphOf(
  ["ask", "decide", "compare", "join"],
  [edge("ask", "compare", "many=True"), edge("ask", "decide"), edge("decide", "join"), edge("compare", "join")],
);
fan.actions[0] = action("ask", { inputs: ["questions"], docstring: "Takes the questions." });

const answered = (key: string, after: string) => [{ key, change: "added" as const, before: null, after }];

const QUESTIONS = ["where does the river end", "how long is it", "who named it"];

/** Three applications: one with a single action that is traced, one of several actions, one that only begins. */
export function compared(outcome: "running" | "done" | "failed"): Step {
  const running = { status: "running", duration: null } as const;
  const live = outcome === "running" ? running : {};
  const failed =
    outcome === "failed" ? ({ status: "failed", error: "ConnectionError: the library is closed" } as const) : {};
  const child = (number: number, more: Partial<Span>) =>
    span(number, { kind: "application", name: `${number}`.repeat(64), ...more });
  const given = (index: number) => ({ prompt: "'rivers'", question: `'${QUESTIONS[index]}'` });
  return step(1, "compare", {
    status: outcome,
    ...(outcome === "running" && { duration: null }),
    spans: [
      child(1, {
        given: given(0),
        duration: 1.21,
        deltas: 24,
        changes: answered("answer", "'In the sea, after 2,850 km.'"),
      }),
      child(2, {
        given: given(1),
        duration: 0.4,
        deltas: 3,
        ...live,
        ...failed,
        changes: outcome === "done" ? answered("answer", "'2,850 km'") : [],
      }),
      child(3, {
        given: given(2),
        duration: 0.035,
        ...live,
        changes: outcome === "running" ? [] : answered("answer", "'Nobody knows.'"),
      }),
      span(4, { kind: "action", name: "answer", parent: 1, duration: 1.2 }),
      span(5, { name: "look up", parent: 4, duration: 0.71, attributes: { pages: "3", shelf: "'geography'" } }),
      span(6, { name: "read the page", parent: 5, duration: 0.0004 }),
      span(7, { kind: "action", name: "search", parent: 2, duration: 0.15 }),
      span(8, { kind: "action", name: "answer", parent: 2, duration: 0.25, deltas: 3, ...live, ...failed }),
      ...(outcome === "running" ? [] : [span(9, { kind: "action", name: "answer", parent: 3, duration: 0.03 })]),
    ],
  });
}

/** Spans inside spans, and attributes of both. */
export const traced: Step = step(0, "ask", {
  attributes: { characters: "24" },
  spans: [
    span(1, { name: "parse the questions", duration: 0.31, attributes: { model: "'small'", tokens: "118" } }),
    span(2, { name: "split", parent: 1, duration: 0.2 }),
    span(3, { name: "clean", parent: 1, duration: 0.1 }),
  ],
});

/** So many applications, of which so many are done. */
export function many(total: number, done: number): Step {
  const spans = Array.from({ length: total }, (_, index): Span => {
    const status = index < done ? "done" : "running";
    const duration = index < done ? 0.1 : null;
    return span(index + 1, { kind: "application", name: `${index}`, given: { page: `${index}` }, status, duration });
  });
  const actions = spans.map((each, index) =>
    span(total + index + 1, {
      ...each,
      kind: "action",
      name: "read",
      span: total + index + 1,
      parent: each.span,
      given: {},
    }),
  );
  return step(1, "compare", {
    status: done < total ? "running" : "done",
    duration: null,
    spans: [...spans, ...actions],
  });
}

/** The events that make the step. */
export function told(made: Step): WireEvent[] {
  const { turn, step: number, action: name, spans, status, attributes, first_delta, deltas } = made;
  const at = { time: 1_700_000_000, monotonic: 100, turn, step: number };
  const logged = (attributes: Step["attributes"], span: number | null): WireEvent[] =>
    Object.keys(attributes).length === 0 ? [] : [{ type: "attributes-logged", ...at, attributes, span }];
  return [
    { type: "step-started", ...at, action: name, streaming: false, inputs: {} },
    ...logged(attributes, null),
    ...spans.flatMap(({ span, kind, name, parent, given, attributes }): WireEvent[] => [
      { type: "span-started", ...at, span, kind, name, parent, given },
      ...logged(attributes, span),
    ]),
    ...spans.flatMap(({ span, status, duration, deltas, changes, error }): WireEvent[] =>
      status === "running"
        ? []
        : [{ type: "span-finished", ...at, span, status, duration: duration ?? 0, deltas, changes, error }],
    ),
    ...(status === "running"
      ? []
      : [
          {
            type: "step-finished" as const,
            ...at,
            action: name,
            status,
            duration: made.duration ?? 0,
            first_delta,
            deltas,
          },
        ]),
  ];
}
