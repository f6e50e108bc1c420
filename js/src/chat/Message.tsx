import { useEffect, useState } from "preact/hooks";
import { copyText } from "../markdown/copy";
import type { MarkdownView } from "../markdown/markdown";
import type { Message, TurnError } from "../protocol.gen";
import { createPlain } from "./plain";
import { Text } from "./text";

export interface MessageProps {
  message: Message;
  /** Runs the message's turn again; null where that is not possible now. */
  onRetry: ((turn: string) => void) | null;
  /** The times of its turn, under the last answer. */
  figures: string | null;
  markdown: (element: HTMLElement) => MarkdownView;
}

/** One message of the transcript. */
export function MessageView({ message, onRetry, figures, markdown }: MessageProps) {
  const { role, status, kind, action, error } = message;
  const source = message.text || errorText(error);
  const who = role === "user" ? "You" : (action ?? "Assistant");
  return (
    <article class="bcw-message" data-role={role} data-status={status} data-kind={kind} aria-label={who}>
      {action !== null && role !== "user" && <div class="bcw-by">{action}</div>}
      <Body message={message} markdown={markdown} />
      {error !== null && <ErrorBox error={error} />}
      {(status === "stopped" || status === "failed") && <Ended status={status} />}
      {message.notices.map((notice, index) => (
        <p key={`${index}:${notice}`} class="bcw-remark" dir="auto">
          {notice}
        </p>
      ))}
      <div class="bcw-actions">
        {kind !== "notice" && status !== "streaming" && source !== "" && <CopyButton text={source} />}
        {onRetry !== null && (
          <button type="button" class="bcw-quiet-button" onClick={() => onRetry(message.turn)}>
            Retry
          </button>
        )}
        {figures !== null && <span class="bcw-figures">{figures}</span>}
      </div>
    </article>
  );
}

function Body({ message, markdown }: Pick<MessageProps, "message" | "markdown">) {
  const { text, revision, kind, role, status } = message;
  if (kind === "notice") {
    return (
      <p class="bcw-remark" dir="auto">
        {text}
      </p>
    );
  }
  if (text === "" && status !== "streaming") return null;
  const plain = role === "user" || kind === "code" || kind === "items" || kind === "error";
  const className = kind === "code" || kind === "items" ? "bcw-code" : kind === "error" ? "bcw-error" : "bcw-text";
  return (
    <Text
      text={text}
      revision={revision}
      streaming={status === "streaming"}
      className={plain && className === "bcw-text" ? "bcw-text bcw-plain" : className}
      view={plain ? createPlain : markdown}
    />
  );
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
