import { Component } from "preact";
import { type MessageProps, MessageView } from "./Message";

interface Failure {
  error: unknown;
  /** What it went wrong with. */
  message: MessageProps["message"];
}

/**
 * One message and nothing else: it renders again only when something about it has changed, and what goes wrong in it stays
 * in it.
 */
export class MessageBoundary extends Component<MessageProps, Failure> {
  override state: Failure = { error: null, message: this.props.message };

  static override getDerivedStateFromError(error: unknown): Pick<Failure, "error"> {
    return { error };
  }

  /** What failed once may be shown when it is another. */
  static override getDerivedStateFromProps({ message }: MessageProps, state: Failure): Failure | null {
    return message === state.message ? null : { error: null, message };
  }

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override shouldComponentUpdate(next: MessageProps, state: Failure): boolean {
    const { message, titled, edits, retries, siblings, figures } = this.props;
    return (
      state.error !== this.state.error ||
      next.message !== message ||
      next.titled !== titled ||
      next.edits !== edits ||
      next.retries !== retries ||
      next.siblings !== siblings ||
      next.figures !== figures
    );
  }

  override render() {
    const { error } = this.state;
    if (error === null) return <MessageView {...this.props} />;
    const { role, status, text } = this.props.message;
    return (
      <article class="bcw-message" data-role={role} data-status={status}>
        <div class="bcw-error">
          <p class="bcw-error-message">This message could not be shown.</p>
          <details>
            <summary>{error instanceof Error ? `${error.name}: ${error.message}` : String(error)}</summary>
            <pre class="bcw-traceback">{String(text)}</pre>
          </details>
        </div>
      </article>
    );
  }
}
