import { useComputed } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { copyText } from "../markdown/copy";
import type { MarkdownView } from "../markdown/markdown";
import type { Message, TurnError } from "../protocol.gen";
import type { Again, Offers } from "./again";
import type { Choosers, Choosing } from "./choosing";
import { Data } from "./Data";
import { Edit } from "./Edit";
import { indented, parseJson } from "./json";
import { Picture } from "./Picture";
import { Progress } from "./Progress";
import { createPlain } from "./plain";
import { Reasoning } from "./Reasoning";
import { Tool } from "./Tool";
import { Text } from "./text";
import { Versions } from "./Versions";
import { inWords } from "./words";
import "./again.css";
import "./kinds.css";

export interface MessageProps extends Offers {
  message: Message;
  /** Whether it is the first one of its step, and says which action speaks. */
  titled: boolean;
  again: Again;
  /** The times of its turn, under the last answer. */
  figures: string | null;
  markdown: (element: HTMLElement) => MarkdownView;
  choosers: Choosers;
}

/** One message of the transcript. */
export function MessageView(props: MessageProps) {
  const { message, titled, again, edits, retries, siblings, figures, markdown } = props;
  const { role, status, kind, action, error } = message;
  const source = status === "streaming" ? "" : copied(message) || errorText(error);
  const who = role === "user" ? "You" : (action ?? "Assistant");
  const copies = source !== "";
  const choosing = message.step === null ? undefined : props.choosers.value.at(-1);
  const article = useRef<HTMLElement>(null);
  const { editing, begin, end } = useEditing(article, again);
  const send = (text: string) => {
    if (text !== message.text) return again.edit(message.turn, text);
    again.retry(message.turn);
    return true;
  };
  if (editing) {
    return (
      <article ref={article} class="bcw-message" data-role={role} data-status={status} aria-label={who}>
        <Edit text={message.text} again={again} send={send} cancel={end} />
      </article>
    );
  }
  return (
    <article
      ref={article}
      class="bcw-message"
      data-key={message.key}
      data-role={role}
      data-status={status}
      data-kind={kind}
      aria-label={who}
    >
      {titled && action !== null && role !== "user" && (
        <div class="bcw-by" title={action}>
          {inWords(action)}
        </div>
      )}
      <Body message={message} markdown={markdown} />
      {error !== null && <ErrorBox error={error} />}
      {(status === "stopped" || status === "failed") && <Ended status={status} />}
      {message.notices.map((notice, index) => (
        <p key={`${index}:${notice}`} class="bcw-remark" dir="auto">
          {notice}
        </p>
      ))}
      {(copies || retries || siblings !== null || figures !== null || kind === "text" || choosing) && (
        <div class="bcw-actions">
          {siblings !== null && <Versions turn={message.turn} siblings={siblings} again={again} />}
          {copies && <CopyButton text={source} />}
          {edits && <AgainButton name="Edit" again={again} act={begin} />}
          {retries && <AgainButton name="Retry" again={again} act={() => again.retry(message.turn)} />}
          {choosing && <ChooseButton message={message} choosing={choosing} again={again} />}
          {figures !== null && <span class="bcw-figures">{figures}</span>}
        </div>
      )}
    </article>
  );
}

/** Whether a prompt is edited. It stays where it is, and the focus goes to where it came from. */
function useEditing(article: RefObject<HTMLElement | null>, again: Again) {
  const [editing, setEditing] = useState(false);
  const back = useRef<(() => void) | null>(null);
  const set = (value: boolean) => {
    if (article.current !== null) back.current = again.hold(article.current);
    setEditing(value);
  };
  useLayoutEffect(() => {
    if (back.current === null) return;
    if (!editing) article.current?.querySelector<HTMLElement>('[data-does="edit"]')?.focus({ preventScroll: true });
    back.current();
    back.current = null;
  }, [editing]);
  return { editing, begin: () => set(true), end: () => set(false) };
}

/** A button that rests while a turn runs, and is not there without a kernel. */
function AgainButton({ name, again, act }: { name: "Edit" | "Retry"; again: Again; act(): void }) {
  const can = again.can.value;
  if (can === "never") return null;
  return (
    <button
      type="button"
      class="bcw-quiet-button"
      data-does={name.toLowerCase()}
      aria-disabled={can !== "now"}
      onClick={() => can === "now" && act()}
    >
      {name}
    </button>
  );
}

/** Pressed while the message is chosen. It stays where it is when that shows or hides what came after it. */
function ChooseButton({ message, choosing, again }: { message: Message; choosing: Choosing; again: Again }) {
  const chosen = useComputed(() => choosing.message.value === message.key).value;
  const choose = ({ currentTarget: button }: MouseEvent & { currentTarget: HTMLElement }) => {
    const back = again.hold(button);
    if (choosing.choose(message)) requestAnimationFrame(() => button.isConnected && back());
  };
  return (
    <button type="button" class="bcw-quiet-button" aria-pressed={chosen} onClick={choose}>
      {choosing.name}
    </button>
  );
}

function Body({ message, markdown }: Pick<MessageProps, "message" | "markdown">) {
  const { text, kind, role, status } = message;
  if (role === "user") return <Written message={message} className="bcw-text bcw-plain" view={createPlain} />;
  switch (kind) {
    case "notice":
      return (
        <p class="bcw-remark" dir="auto">
          {text}
        </p>
      );
    case "tool-call":
    case "tool-result":
      return <Tool message={message} />;
    case "data":
      return <Data message={message} />;
    case "progress":
      return <Progress message={message} />;
    case "reasoning":
      return <Reasoning message={message} markdown={markdown} />;
    case "image":
      return <Picture message={message} />;
    case "items":
      return <Written message={message} className="bcw-code" view={createPlain} />;
    case "error":
      return <Written message={message} className="bcw-error" view={createPlain} />;
    case "code":
      return <Written message={{ ...message, text: fenced(message) }} className="bcw-text" view={markdown} />;
    default:
      if (text === "" && status !== "streaming") return null;
      return <Written message={message} className="bcw-text" view={markdown} />;
  }
}

interface WrittenProps {
  message: Message;
  className: string;
  view: (element: HTMLElement) => MarkdownView;
}

function Written({ message, className, view }: WrittenProps) {
  const { text, revision, status } = message;
  return <Text text={text} revision={revision} streaming={status === "streaming"} className={className} view={view} />;
}

/** Code as Markdown. What has fences of its own is the answer of a model, and Markdown already. */
function fenced({ text, name }: Message): string {
  if (/^ {0,3}(```|~~~)/m.test(text)) return text;
  const language = name !== null && /^[\w+#.-]+$/.test(name) ? name : "";
  return `\`\`\`${language}\n${text.replace(/\n$/, "")}\n\`\`\``;
}

/** What the button Copy copies; empty where there is nothing to copy. */
function copied({ kind, text, result }: Message): string {
  switch (kind) {
    case "notice":
    case "progress":
    case "reasoning":
      return "";
    case "image":
      return text.startsWith("data:") ? "" : text;
    case "tool-call":
      return [text, result]
        .map((part) => pretty(part ?? ""))
        .filter(Boolean)
        .join("\n\n");
    case "data":
      return pretty(text);
    default:
      return text;
  }
}

function pretty(text: string): string {
  return typeof parseJson(text) === "string" ? text : indented(text);
}

function ErrorBox({ error }: { error: TurnError }) {
  return (
    <div class="bcw-error">
      <p class="bcw-error-message" dir="auto">
        {error.message}
      </p>
      {error.remedy !== null && <p dir="auto">{error.remedy}</p>}
      {error.traceback !== null && (
        <details>
          <summary>{error.kind}: traceback</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard. */}
          <pre class="bcw-traceback" tabIndex={0}>
            {error.traceback}
          </pre>
        </details>
      )}
    </div>
  );
}

function errorText(error: TurnError | null): string {
  return error === null ? "" : [error.message, error.remedy, error.traceback].filter(Boolean).join("\n\n");
}

function Ended({ status }: { status: "stopped" | "failed" }) {
  return (
    <p class="bcw-remark">
      <span class="bcw-ended">{status === "stopped" ? "Stopped" : "Failed"}</span>
      {` A ${status} turn is not kept in the application’s state.`}
    </p>
  );
}

const COPIED_MS = 2000;

function CopyButton({ text }: { text: string }) {
  const [outcome, setOutcome] = useState<string | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), COPIED_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => setOutcome((await copyText(text, document)) ? "Copied" : "Could not be copied");
  return (
    <>
      <button type="button" class="bcw-quiet-button" onClick={copy}>
        Copy
      </button>
      <span class="bcw-outcome" aria-live="polite">
        {outcome}
      </span>
    </>
  );
}
