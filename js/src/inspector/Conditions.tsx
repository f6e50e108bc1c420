import type { ConditionResult } from "../protocol.gen";

/** The transitions out of an action, in the order in which they are evaluated: the first that is true is taken. */
export function Conditions({
  conditions,
  taken = "taken",
}: {
  conditions: readonly ConditionResult[];
  taken?: string;
}) {
  return (
    <ol class="bcw-conditions" aria-label="Conditions">
      {conditions.map((result, index) => (
        <Condition key={index} result={result} isOnly={conditions.length === 1} word={taken} />
      ))}
    </ol>
  );
}

interface ConditionProps {
  result: ConditionResult;
  isOnly: boolean;
  /** What is said of the one that is taken. */
  word: string;
}

function Condition({ result, isOnly, word }: ConditionProps) {
  const { to, condition, outcome, taken, values, error } = result;
  const isDefault = condition === "default";
  const words = outcome === null ? "error" : isDefault ? "else" : String(outcome);
  return (
    <li data-taken={taken} data-outcome={outcome === null ? "error" : String(outcome)}>
      <span class="bcw-condition-outcome">{isOnly && isDefault ? "always" : words}</span>
      <span class="bcw-condition-name">
        {!isDefault && <code>{condition}</code>}
        <span aria-hidden="true"> → </span>
        <span class="bcw-unseen"> to </span>
        <b>{to}</b>
        {taken && <em> {word}</em>}
      </span>
      {Object.entries(values).map(([key, value]) => (
        <code key={key} class="bcw-condition-value" dir="auto">{`${key} = ${value}`}</code>
      ))}
      {error !== null && <span class="bcw-condition-value">{error}</span>}
    </li>
  );
}
