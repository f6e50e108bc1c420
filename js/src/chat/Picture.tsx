// An image of the conversation. What is in the message is shown; what is elsewhere is fetched when the reader asks for it.
import { useState } from "preact/hooks";
import { imageAt } from "../markdown/urls";
import type { Message } from "../protocol.gen";

export function Picture({ message }: { message: Message }) {
  const { text, name } = message;
  const [asked, setAsked] = useState(false);
  const [broken, setBroken] = useState(false);
  const source = imageAt(text);
  if (source === null || broken) {
    return (
      <p class="bcw-remark" dir="auto">
        {source === null ? "An image that cannot be shown here: " : "The image could not be loaded: "}
        <span class="bcw-picture-address">{text.length > 200 ? `${text.slice(0, 200)}…` : text}</span>
      </p>
    );
  }
  if (source.remote && !asked) {
    return (
      <button type="button" class="bcw-picture-button" onClick={() => setAsked(true)}>
        {`Load image: ${name === null ? "" : `${name} `}(${source.host})`}
      </button>
    );
  }
  return (
    <img
      class="bcw-picture"
      src={source.src}
      alt={name ?? "Image"}
      referrerpolicy="no-referrer"
      decoding="async"
      onError={() => setBroken(true)}
    />
  );
}
