// A structured value: folded to a line where it is a result, open where it was streamed.
import type { Message } from "../protocol.gen";
import { Disclosure } from "./disclosure";
import { parseBeginning, preview } from "./json";
import { Tree } from "./Tree";

export function Data({ message }: { message: Message }) {
  const { text, name } = message;
  const value = parseBeginning(text);
  if (value === undefined) return <pre class="bcw-code">{text}</pre>;
  const title = name ?? "Data";
  return (
    <Disclosure
      className="bcw-row"
      open={message.revision > 0}
      label={title}
      summary={
        <>
          <span class="bcw-row-title">{title}</span>
          <span class="bcw-tree-preview">{preview(value)}</span>
        </>
      }
    >
      {() => <Tree value={value} label={title} />}
    </Disclosure>
  );
}
