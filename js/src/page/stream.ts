// What the server says to this page: a stream of server-sent events, opened again whenever it breaks off.
//
// A browser opens one again by itself, but not after a status other than 200, and in no hurry; so this does it in all cases.
import type { KernelMessage } from "../protocol.gen";
import { Patience } from "./patience";

/** A stream that is silent for so long is dead: it has a beat every 5 seconds. */
const SILENCE_MS = 15_000;

export interface Listener {
  message(message: KernelMessage): void;
  /** The stream is open. */
  open(): void;
  /** It broke off. */
  broken(): void;
  /** Before it is opened again after the server has closed it, or refused to open it. Says whether to go on. */
  refused(): Promise<boolean>;
}

export class Stream {
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  readonly #url: URL;
  readonly #listener: Listener;
  readonly #patience = new Patience();

  constructor(url: URL, listener: Listener) {
    this.#url = url;
    this.#listener = listener;
  }

  get isOpen(): boolean {
    return this.#source?.readyState === EventSource.OPEN;
  }

  open(): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#source !== null) return;
    const source = new EventSource(this.#url);
    this.#source = source;
    source.onopen = () => {
      this.#hear();
      this.#listener.open();
    };
    source.addEventListener("beat", () => this.#hear());
    source.onmessage = ({ data }) => {
      this.#hear();
      this.#patience.reset();
      this.#listener.message(JSON.parse(data) as KernelMessage);
    };
    source.onerror = () => this.#fail(source.readyState === EventSource.CLOSED);
  }

  /** Now is a good time to try again. */
  hurry(): void {
    if (this.#source !== null) return;
    this.#patience.reset();
    this.open();
  }

  /** Nobody listens until `hurry`. */
  rest(): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#source === null) return;
    this.#drop();
    this.#listener.broken();
  }

  close(): void {
    this.#closed = true;
    this.#drop();
    clearTimeout(this.#timer);
  }

  #hear(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#fail(false), SILENCE_MS);
  }

  #drop(): void {
    clearTimeout(this.#silence);
    this.#source?.close();
    this.#source = null;
  }

  #fail(refused: boolean): void {
    this.#drop();
    this.#listener.broken();
    this.#timer = setTimeout(async () => {
      // The browser does not tell why it was refused.
      if (!refused || (await this.#listener.refused())) this.open();
    }, this.#patience.next());
  }
}
