/** How wide a text is, and how a long one is broken and cut to fit the picture. */

export type Measure = (text: string) => number;

/** Widths in pixels, as the page draws them in `font` (a CSS shorthand); estimated from `size` where there is no canvas. */
export function measureIn(font: string, size: number): Measure {
  const context = typeof document === "undefined" ? null : canvasContext();
  if (!context) return (text) => estimate(text) * size;
  const known = new Map<string, number>();
  return (text) => {
    let width = known.get(text);
    if (width === undefined) {
      context.font = font;
      width = context.measureText(text).width;
      known.set(text, width);
    }
    return width;
  };
}

function canvasContext(): CanvasRenderingContext2D | null {
  return document.createElement("canvas").getContext?.("2d") ?? null;
}

/** In em: a character of Latin text is about half as wide as high, one of Chinese, Japanese or Korean as wide as high. */
function estimate(text: string): number {
  let width = 0;
  for (const character of text)
    width += (character.codePointAt(0) ?? 0) > 0x2e7f ? 1 : /[mwMW@]/.test(character) ? 0.85 : 0.58;
  return width;
}

/** At most `most` lines no wider than `width`, broken after a separator if there is one; what is left over becomes "…". */
export function wrap(text: string, measure: Measure, width: number, most: number): string[] {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest && lines.length < most - 1 && measure(rest) > width) {
    const at = breakAt(rest, measure, width);
    lines.push(rest.slice(0, at).trim());
    rest = rest.slice(at).trim();
  }
  if (rest) lines.push(cut(rest, measure, width));
  return lines;
}

export function cut(text: string, measure: Measure, width: number): string {
  if (measure(text) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && measure(`${characters.join("")}…`) > width) characters.pop();
  return `${characters.join("")}…`;
}

/** Where to break: so that both lines are about as long if the rest fits the second, else as late as possible. */
function breakAt(text: string, measure: Measure, width: number): number {
  const fitting: number[] = [];
  for (let at = 1; at < text.length && measure(text.slice(0, at)) <= width; at++) {
    const before = text.charCodeAt(at - 1);
    if (before < 0xd800 || before >= 0xdc00) fitting.push(at);
  }
  const spaces = fitting.filter((at) => /\s/.test(text[at - 1] ?? ""));
  const marks = fitting.filter((at) => /[_.,:=-]/.test(text[at - 1] ?? "") && !/[\s=]/.test(text[at] ?? ""));
  const soft = spaces.length ? spaces : marks;
  const even = soft.filter((at) => measure(text.slice(at)) <= width);
  const longer = (at: number): number => Math.max(measure(text.slice(0, at)), measure(text.slice(at)));
  return even.toSorted((a, b) => longer(a) - longer(b))[0] ?? soft.at(-1) ?? fitting.at(-1) ?? 1;
}
