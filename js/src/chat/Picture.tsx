// An image of the conversation. What is in the message is shown; what is elsewhere is fetched when the reader asks for it.
import { useRef, useState } from "preact/hooks";
import { handOver } from "../focus";
import { imageAt } from "../markdown/urls";
import type { Message } from "../protocol.gen";

export function Picture({ message }: { message: Message }) {
  const { text, name } = message;
  const source = imageAt(text);
  if (source === null) return <Unshown words="An image that cannot be shown here: " text={text} />;
  if (!source.remote) return <Loaded message={message} src={source.src} />;
  return <Remote message={message} src={source.src} label={`${name === null ? "" : `${name} `}(${source.host})`} />;
}

function Remote({ message, src, label }: { message: Message; src: string; label: string }) {
  const [asked, setAsked] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const load = (event: MouseEvent) => {
    // The button is about to go, and the image too if it cannot be loaded.
    handOver(event.currentTarget as Element, place.current);
    setAsked(true);
  };
  return (
    <div ref={place}>
      {asked ? (
        <Loaded message={message} src={src} />
      ) : (
        <button type="button" class="bcw-picture-button" onClick={load}>
          {`Load image: ${label}`}
        </button>
      )}
    </div>
  );
}

function Loaded({ message: { text, name }, src }: { message: Message; src: string }) {
  const [broken, setBroken] = useState(false);
  if (broken) return <Unshown words="The image could not be loaded: " text={text} />;
  return (
    <img
      class="bcw-picture"
      src={src}
      alt={name ?? "Image"}
      referrerpolicy="no-referrer"
      decoding="async"
      onError={() => setBroken(true)}
    />
  );
}

function Unshown({ words, text }: { words: string; text: string }) {
  return (
    <p class="bcw-remark" dir="auto">
      {words}
      <span class="bcw-picture-address">{text.length > 200 ? `${text.slice(0, 200)}…` : text}</span>
    </p>
  );
}
