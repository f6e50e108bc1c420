// How far an action is.
import type { Message } from "../protocol.gen";
import { isBranch, type Json, numberOf, parseJson, preview } from "./json";

export function Progress({ message }: { message: Message }) {
  const told = parseJson(message.text);
  if (!isBranch(told) || Array.isArray(told)) return null;
  const value = numberOf(told.value) ?? 0;
  const percent = Math.round(value * 100);
  const words = typeof told.message === "string" ? told.message : null;
  const steps = told.total === undefined ? `${percent} %` : `${show(told.step)} of ${show(told.total)}`;
  return (
    <div class="bcw-progress">
      <div
        class="bcw-progress-bar"
        role="progressbar"
        aria-label={words ?? "Progress"}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={steps}
      >
        <div style={{ width: `${percent}%` }} />
      </div>
      <span class="bcw-progress-words" dir="auto">
        {[words, steps, told.details === undefined ? null : preview(told.details)].filter(Boolean).join(" · ")}
      </span>
    </div>
  );
}

function show(value: Json | undefined): string {
  return numberOf(value)?.toLocaleString("en") ?? "?";
}
