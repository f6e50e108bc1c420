/**
 * One growing Markdown document.
 *
 * 1. Text is appended to the last section (`section.ts`). When that is full, it is cut (`cut.ts`) and closed, and another
 *    one begins: what is closed is not looked at again, so that the work does not depend on how long the text is already.
 * 2. `finish` closes the last section; where there are link definitions, all links are read once more, as their definition may
 *    have come after them. So the end is that of a document rendered in one go.
 * 3. Work on much text at once is cut into slices between which the page can do other things.
 */

import type { Context } from "./context";
import { type Carry, cutSection, NOTHING, WINDOW } from "./cut";
import { type ColourSpans, Highlighter } from "./highlight";
import type { Definitions } from "./lexer";
import { MathPainter, type MathRenderer } from "./math-view";
import { Section, SLICE } from "./section";

export interface MarkdownOptions {
  /** Loads the renderer of formulas; called once, when the first one is complete. Without it their source is shown. */
  loadMath?: () => Promise<MathRenderer>;
  /** Loads what colours code; called when the first block of code is complete. Without it code is plain. */
  loadColours?: () => Promise<ColourSpans>;
  /** Told what was copied with a code block's button. */
  onCopy?: (text: string) => void;
}

export interface MarkdownView {
  /** Adds text to the end. Throws after `finish`. */
  append(text: string): void;
  /** Makes `text` the whole text so far; what is shown of it already stays. */
  replace(text: string): void;
  /**
   * The text is complete. A short rest is rendered before this returns, a long one in slices.
   *
   * @returns when the page shows what a render of the whole text in one go would show.
   */
  finish(): Promise<void>;
  /** Empties the element, and takes back what was put outside it (timers, work for idle time). */
  destroy(): void;
}

/** What reading the blocks of a section costs, as characters that are rendered. */
const LEXED = SLICE / 4;
/** After an update that took longer than this (ms), the next one waits for twice as long as it took. */
const SLOW = 8;
/** What may be half of something: a line end of two characters, a character of two code units. */
const HALF = /[\r\ud800-\udbff]$/;

/** Renders Markdown into `element`, whose content it owns from then on. */
export function createMarkdown(element: HTMLElement, options: MarkdownOptions = {}): MarkdownView {
  return new MarkdownStream(element, options);
}

class MarkdownStream implements MarkdownView {
  readonly #root: HTMLElement;
  readonly #context: Context;
  #source = "";
  #half = "";
  /** The end of the source, which no section has yet. */
  #waiting: string[] = [];
  #sections: Section[] = [];
  /** Where each of them starts in the source. */
  #starts: number[] = [];
  /** The last section is full: it is closed, and the next one begins with this. */
  #carry: Carry | null = NOTHING;
  /** Up to the end of the last section that is closed. */
  #definitions: Definitions = {};
  /** The sections whose links are still to be read once more; null before that begins. */
  #unlinked: Section[] | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: "open" | "finishing" | "finished" | "destroyed" = "open";
  #finished: Promise<void> = Promise.resolve();
  #settle: () => void = () => undefined;

  constructor(element: HTMLElement, options: MarkdownOptions) {
    const document = element.ownerDocument;
    this.#root = element;
    this.#root.classList.add("bcw-md");
    this.#context = {
      document,
      definitions: {},
      relink: false,
      highlighter: new Highlighter(document, options.loadColours),
      math: new MathPainter(options.loadMath),
      onCopy: options.onCopy,
    };
  }

  append(text: string): void {
    if (this.#state !== "open") throw new Error(`Markdown is ${this.#state}: nothing can be appended; use replace()`);
    const whole = this.#half + text;
    this.#half = HALF.exec(whole)?.[0] ?? "";
    this.#add(whole.slice(0, whole.length - this.#half.length));
    if (this.#timer === undefined) this.#run();
  }

  replace(text: string): void {
    if (this.#state === "destroyed") return;
    const clean = normalise(text);
    if (this.#state === "open" && clean.startsWith(this.#source + normalise(this.#half))) {
      this.#half = "";
      const rest = clean.slice(this.#source.length);
      this.append(text.endsWith("\r") ? rest.replace(/\n$/, "\r") : rest);
      return;
    }
    if (clean !== "" && this.#source.startsWith(clean) && !HALF.test(text) && this.#shorten(clean)) return;
    this.#reset();
    this.#state = "open";
    this.append(text);
  }

  finish(): Promise<void> {
    if (this.#state !== "open") return this.#finished;
    this.#state = "finishing";
    clearTimeout(this.#timer);
    this.#add(this.#half);
    this.#half = "";
    this.#finished = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#run();
    return this.#finished;
  }

  destroy(): void {
    this.#reset();
    this.#state = "destroyed";
    this.#root.classList.remove("bcw-md");
  }

  /** Makes `source` the whole text, the beginning of what it was: the sections that it has too stay. Says whether that could be. */
  #shorten(source: string): boolean {
    // Links that have a definition further on would have to be read once more.
    if (Object.keys(this.#context.definitions).length > 0) return false;
    // Where a section ends is read from its first characters: with fewer of them it would not have ended.
    const fits = (section: Section, start: number) => source.length - start <= WINDOW - section.carry.prefix.length;
    const at = this.#sections.findIndex(
      (section, index) =>
        (this.#starts[index + 1] ?? source.length) >= source.length || fits(section, this.#starts[index] as number),
    );
    const section = this.#sections[at];
    const start = this.#starts[at];
    if (section === undefined || start === undefined) return false;
    const stays = !section.isCode && fits(section, start);
    this.#drop(stays ? at + 1 : at);
    this.#state = "open";
    this.#definitions = section.given;
    this.#carry = stays ? null : section.carry;
    this.#source = source.slice(0, start);
    if (!stays) this.append(source.slice(start));
    else {
      this.#source = source;
      section.shorten(section.carry.prefix + source.slice(start));
      this.#run();
    }
    return true;
  }

  #reset(): void {
    this.#drop(0);
    this.#context.highlighter.cancel();
    this.#context.math.clear();
    this.#context.definitions = {};
    this.#context.relink = false;
    this.#definitions = {};
    this.#source = "";
    this.#carry = NOTHING;
  }

  /** Forgets the sections from that one on, and what was under way. */
  #drop(from: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#settle();
    this.#starts.length = Math.min(this.#starts.length, from);
    for (const section of this.#sections.splice(from)) section.destroy();
    this.#unlinked = null;
    this.#half = "";
    this.#waiting = [];
  }

  #add(text: string): void {
    if (text === "") return;
    const clean = normalise(text);
    this.#source += clean;
    this.#waiting.push(clean);
  }

  /** Does what there is to do, or a slice of it, and the rest later. */
  #run(): void {
    this.#timer = undefined;
    const start = performance.now();
    for (let work = 0; work < SLICE; ) {
      const did = this.#step();
      if (did === 0) {
        const took = performance.now() - start;
        if (this.#state === "finishing") {
          this.#state = "finished";
          this.#settle();
        } else if (took > SLOW) this.#later(took * 2);
        return;
      }
      work += did;
    }
    this.#later(0);
  }

  #later(delay: number): void {
    this.#timer = setTimeout(() => this.#run(), delay);
  }

  /** Does one thing; says how much work that was, in characters of source, 0 when there is nothing to do. */
  #step(): number {
    const last = this.#sections.at(-1);
    const rest = last?.work() ?? 0;
    if (rest > 0) return rest;
    if (this.#waiting.length > 0) return this.#feed();
    if (this.#state !== "finishing") return 0;
    if (last === undefined || this.#carry !== null) return this.#link();
    this.#close(last, { source: last.source, inside: false, carry: NOTHING });
    return LEXED;
  }

  /** Gives waiting text to the section that is open. */
  #feed(): number {
    if (this.#carry !== null) {
      this.#starts.push(this.#source.length - this.#waiting.reduce((sum, text) => sum + text.length, 0));
      this.#sections.push(new Section(this.#context, this.#root, this.#carry, this.#definitions));
      this.#carry = null;
    }
    const section = this.#sections.at(-1) as Section;
    if (section.isCode) {
      const text = this.#take(WINDOW);
      const end = section.code(text);
      if (end !== null) {
        if (end < text.length) this.#waiting.unshift(text.slice(end));
        this.#close(section, { source: "", inside: false, carry: NOTHING });
      }
      return text.length;
    }
    const text = this.#take(WINDOW - section.source.length);
    if (this.#waiting.length === 0) {
      section.append(text);
      return text.length;
    }
    const window = section.source + text;
    const cut = cutSection(window, section.carry, this.#definitions);
    if (cut === "fence") {
      section.openCode(window);
      return WINDOW;
    }
    this.#waiting.unshift(window.slice(cut.at));
    this.#close(section, { ...cut, source: window.slice(0, cut.at) });
    return LEXED;
  }

  /** The first characters of what waits, `length` or all. */
  #take(length: number): string {
    let text = "";
    while (text.length < length && this.#waiting.length > 0) {
      const next = this.#waiting.shift() as string;
      const room = length - text.length;
      text += next.slice(0, room);
      if (next.length > room) this.#waiting.unshift(next.slice(room));
    }
    return text;
  }

  #close(section: Section, { source, inside, carry }: { source: string; inside: boolean; carry: Carry }): void {
    this.#definitions = section.close(source, this.#definitions, inside);
    this.#carry = carry;
  }

  /** Reads the links of one section once more, with all definitions. */
  #link(): number {
    const section = this.#unlinked?.[0];
    const rest = section?.work() ?? 0;
    if (rest > 0) return rest;
    if (this.#unlinked === null) {
      const some = Object.keys(this.#definitions).length > 0;
      this.#unlinked = some ? this.#sections.filter(({ hasLinks }) => hasLinks) : [];
      this.#context.definitions = this.#definitions;
      this.#context.relink = some;
    } else this.#unlinked.shift();
    const next = this.#unlinked[0];
    next?.close(next.source, this.#definitions);
    return next ? LEXED : 0;
  }
}

function normalise(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}
