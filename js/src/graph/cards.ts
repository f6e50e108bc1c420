/** When cards open and close: on hover after a moment, on focus at once, by click or Enter until dismissed. */
import { type Scene, type Subject, same } from "./scene";

/** Milliseconds: long enough to cross the picture without cards flashing, and to reach a card that opened. */
const OPEN_AFTER = 150;
const CLOSE_AFTER = 300;

export class Cards {
  readonly #scene: Scene;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hushed = false;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  hover(subject: Subject): void {
    const card = this.#scene.card.peek();
    clearTimeout(this.#timer);
    if (this.#hushed || card?.pinned || same(card?.subject, subject)) return;
    this.#timer = setTimeout(() => this.show(subject), OPEN_AFTER);
  }

  /** Dismisses the card; what was under it opens no card of its own until the pointer moves. */
  close(): void {
    this.dismiss();
    this.#hushed = true;
  }

  /** The pointer moves over the subject, or over none. */
  move(subject: Subject | null): void {
    if (!this.#hushed) return;
    this.#hushed = false;
    if (subject) this.hover(subject);
  }

  /** The pointer or the focus left the subject; the card stays for long enough to be entered. */
  leave(): void {
    clearTimeout(this.#timer);
    if (this.#scene.card.peek()?.pinned) return;
    this.#timer = setTimeout(() => this.dismiss(), CLOSE_AFTER);
  }

  /** The pointer or the focus is in the card. */
  keep(): void {
    clearTimeout(this.#timer);
  }

  show(subject: Subject, pinned = false): void {
    clearTimeout(this.#timer);
    this.#scene.card.value = { subject, pinned };
  }

  /** Pins the subject's card; dismisses it if it is pinned. */
  toggle(subject: Subject): void {
    const card = this.#scene.card.peek();
    if (card?.pinned && same(card.subject, subject)) this.dismiss();
    else this.show(subject, true);
  }

  dismissHovered(): void {
    if (!this.#scene.card.peek()?.pinned) this.dismiss();
  }

  dismiss(): void {
    clearTimeout(this.#timer);
    this.#scene.card.value = null;
  }
}
