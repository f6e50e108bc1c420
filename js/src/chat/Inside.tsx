// What ran inside a step, or was traced in a turn: a quiet row, folded.
import { Component } from "preact";
import type { Step } from "../protocol.gen";
import { SpanTree } from "../spans/SpanTree";
import { applicationWords, traceWords } from "../spans/words";
import { Disclosure } from "./disclosure";
import type { InsideRow } from "./placement";

interface InsideProps {
  row: InsideRow;
}

function ranWords(step: Step): string {
  return `${step.action}${step.status === "running" ? ":" : ""} ${applicationWords(step)}`;
}

/** Renders again only when one of its steps has changed. */
export class Inside extends Component<InsideProps> {
  override shouldComponentUpdate({ row }: InsideProps): boolean {
    const { steps } = this.props.row;
    return row.steps.length !== steps.length || row.steps.some((step, index) => step !== steps[index]);
  }

  override render({ row: { kind, steps } }: InsideProps) {
    const words = kind === "trace" ? traceWords(steps) : steps.map(ranWords).join(", ");
    const failed = kind === "applications" && steps.some(({ status }) => status === "failed");
    return (
      <div class="bcw-inside" data-kind={kind} data-status={failed ? "failed" : steps.at(-1)?.status}>
        <Disclosure open={false} summary={<span class="bcw-inside-words">{words}</span>}>
          {() => <SpanTree steps={steps} label={words} />}
        </Disclosure>
      </div>
    );
  }
}
