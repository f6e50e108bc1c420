// A call of a tool: one row; unfolded, its arguments and what it gave back.
import type { Message } from "../protocol.gen";
import { Disclosure } from "./disclosure";
import { isBranch, type Json, parseBeginning, parseJson, preview } from "./json";
import { Tree } from "./Tree";

export function Tool({ message }: { message: Message }) {
  const { kind, name, text, status } = message;
  const result = kind === "tool-result" ? text : message.result;
  const title = name ?? (kind === "tool-result" ? "Tool result" : "Tool");
  const given = kind === "tool-result" ? undefined : parseBeginning(text);
  const words = stateWords(status, result);
  return (
    <Disclosure
      className="bcw-row bcw-tool"
      open={false}
      label={`${title}, ${words}`}
      summary={
        <>
          <span class="bcw-row-title bcw-tool-name">{title}</span>
          <span class="bcw-tree-preview">{given === undefined ? text.slice(0, 80) : preview(given)}</span>
          <span class="bcw-row-state">{words}</span>
        </>
      }
    >
      {() => (
        <>
          {kind === "tool-call" && <Side title="Arguments" text={text} value={given} />}
          {result !== null && <Side title="Result" text={result} value={structure(result)} />}
        </>
      )}
    </Disclosure>
  );
}

function stateWords(status: Message["status"], result: string | null): string {
  if (status === "streaming") return "being written";
  if (result !== null) return "done";
  return status === "done" ? "called" : status;
}

function Side({ title, text, value }: { title: string; text: string; value: Json | undefined }) {
  return (
    <section class="bcw-tool-side" aria-label={title}>
      <h4 class="bcw-tool-heading">{title}</h4>
      {isBranch(value) ? (
        <Tree value={value} label={title} />
      ) : (
        <pre class="bcw-tool-text" dir="auto">
          {text === "" ? "none" : typeof value === "string" ? value : text}
        </pre>
      )}
    </section>
  );
}

/** What a tool gave back is text; where the text is JSON with a structure, the structure is shown. */
function structure(text: string): Json | undefined {
  return /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
}
