import type { Span, Step } from "../protocol.gen";
import { seconds } from "./words";

/** What ran inside the step, and what it logged. */
export function Spans({ step }: { step: Step }) {
  const logged = Object.entries(step.attributes);
  if (step.spans.length === 0 && logged.length === 0) return <p class="bcw-quiet">Nothing was traced in it.</p>;
  return (
    <ul class="bcw-spans-list" aria-label={`Trace of ${step.action}`}>
      {logged.map(([name, value]) => (
        <li key={name}>
          <code dir="auto">{`${name} = ${value}`}</code>
        </li>
      ))}
      {step.spans.map((span) => (
        <SpanLine key={span.span} span={span} />
      ))}
    </ul>
  );
}

function SpanLine({ span: { name, status, duration, error } }: { span: Span }) {
  return <li>{[name, status, duration === null ? null : seconds(duration), error].filter(Boolean).join(" · ")}</li>;
}
