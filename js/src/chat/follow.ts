// Follow and release: the log stays at its end while the reader is there, and stays where it is once the reader has moved up.
import { type ReadonlySignal, signal } from "@preact/signals";

export interface Follower {
  /** Whether the log follows its end. */
  readonly following: ReadonlySignal<boolean>;
  /** Go to the end, and follow it from now on. */
  jump(): void;
  /**
   * Remember where an element is, before something about the log is changed by the reader. The function returned brings it, or
   * what then stands for it, to the same place; the end is followed only if that is there.
   */
  hold(element: Element): (instead?: Element) => void;
  destroy(): void;
}

/** What unfolds something below itself. */
const FOLDED = '[aria-expanded="false"], details:not([open]) > summary';
/** So much is left above it, in pixels. */
const ABOVE = 8;

/** Distances are rounded by the browser, differently at each zoom. */
const AT_END = 2;

/**
 * Make `log` follow the growth of `content`, its only child.
 *
 * Whether to follow is settled by what the reader did, before the content grows: any movement up releases, arriving
 * at the end by moving down follows again. How the content grows does not matter: an image that loads late counts too.
 * Only what the reader unfolds is not followed past its head.
 */
export function follow(log: HTMLElement, content: HTMLElement): Follower {
  const following = signal(true);
  const listeners = new AbortController();
  let top = log.scrollTop;
  let unfolding: Element | null = null;

  const distance = () => log.scrollHeight - log.clientHeight - log.scrollTop;

  function set(value: boolean): void {
    following.value = value;
    // While following, the browser's scroll anchoring would look like a reader who moves.
    log.style.overflowAnchor = value ? "none" : "auto";
  }

  function toEnd(): void {
    log.scrollTop = log.scrollHeight;
    top = log.scrollTop;
  }

  function onScroll(): void {
    const moved = log.scrollTop - top;
    top = log.scrollTop;
    // Content that shrank moves the log up to its new end: nobody's wish to leave. So do heights that are only guessed at out of sight.
    if (moved < 0 && distance() > AT_END) set(false);
    else if (moved > 0 && distance() <= AT_END) set(true);
  }

  log.addEventListener("scroll", onScroll, { passive: true, signal: listeners.signal });
  // Said before the movement: text that comes in between does not undo it.
  log.addEventListener(
    "wheel",
    (event) => {
      if (event.deltaY < 0 && log.scrollTop > 0) set(false);
    },
    { passive: true, signal: listeners.signal },
  );

  log.addEventListener(
    "click",
    (event) => {
      unfolding = (event.target as Element).closest(FOLDED);
    },
    { capture: true, signal: listeners.signal },
  );

  function keepHead(): void {
    if (unfolding === null) return;
    const hidden = log.getBoundingClientRect().top + ABOVE - unfolding.getBoundingClientRect().top;
    unfolding = null;
    if (hidden <= 0) return;
    set(false);
    log.scrollTop -= hidden;
    top = log.scrollTop;
  }

  // Told after layout and before paint: no layout is forced, and no frame shows the log anywhere else.
  const sizes = new ResizeObserver(() => {
    if (log.scrollHeight <= log.clientHeight) set(true);
    if (following.value) toEnd();
    keepHead();
  });
  sizes.observe(log);
  sizes.observe(content);
  set(true);

  return {
    following,
    jump() {
      set(true);
      toEnd();
    },
    hold(element) {
      const before = element.getBoundingClientRect().top - log.getBoundingClientRect().top;
      return (instead = element) => {
        if (instead !== element) {
          // Heights of what is new are only guessed at, and would put it elsewhere, now or a little later.
          log.dataset.whole = "";
          requestAnimationFrame(() => requestAnimationFrame(() => delete log.dataset.whole));
        }
        log.scrollTop += instead.getBoundingClientRect().top - log.getBoundingClientRect().top - before;
        top = log.scrollTop;
        set(distance() <= AT_END);
      };
    },
    destroy() {
      sizes.disconnect();
      listeners.abort();
    },
  };
}
