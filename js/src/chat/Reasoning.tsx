// What the model thought: open while it thinks, folded after, unless the reader has said otherwise.
import type { MarkdownView } from "../markdown/markdown";
import type { Message } from "../protocol.gen";
import { Disclosure } from "./disclosure";
import { Text } from "./text";

export interface ReasoningProps {
  message: Message;
  markdown: (element: HTMLElement) => MarkdownView;
}

export function Reasoning({ message, markdown }: ReasoningProps) {
  const thinks = message.status === "streaming";
  return (
    <Disclosure
      className="bcw-reasoning"
      open={thinks}
      summary={<span class="bcw-row-title">{thinks ? "Thinking …" : "Reasoning"}</span>}
    >
      {() => (
        <Text
          text={message.text}
          revision={message.revision}
          streaming={thinks}
          className="bcw-text bcw-thought"
          view={markdown}
        />
      )}
    </Disclosure>
  );
}
