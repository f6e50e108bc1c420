import type { Step } from "../protocol.gen";
import { SpanTree } from "../spans/SpanTree";
import { hasInside } from "../spans/tree";

/** What ran inside the step, and what it logged. */
export function Spans({ step }: { step: Step }) {
  if (!hasInside(step)) return <p class="bcw-quiet">Nothing was traced in it.</p>;
  return <SpanTree steps={[step]} label={`Trace of ${step.action}`} />;
}
