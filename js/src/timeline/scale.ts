// The time axis: what part of it is seen, and where its ticks are. Times are in seconds.

export interface Range {
  from: number;
  to: number;
}

/** What part of the axis the reader wants to see: so much of it, up to a time. Null: all of it; up to its end, wherever that is. */
export interface Sight {
  span: number | null;
  to: number | null;
}

export const ALL: Sight = { span: null, to: null };

/** No less is seen at once: ten times what marks can tell apart. */
const LEAST = 0.001;

/** Between two ticks, in pixels. */
const TICK_ROOM = 76;

/** What is seen of an axis from 0 to `end`. */
export function seen({ span, to }: Sight, end: number): Range {
  const whole = Math.max(end, LEAST);
  const length = Math.min(span ?? whole, whole);
  const until = to === null ? whole : clamp(to, length, whole);
  return { from: until - length, to: until };
}

/** With `factor` times as much of it in sight; what is at the time `at` stays where it is. */
export function zoomed(sight: Sight, end: number, factor: number, at: number): Sight {
  const whole = Math.max(end, LEAST);
  const { from, to } = seen(sight, end);
  const span = clamp((to - from) * factor, LEAST, whole);
  if (span >= whole) return ALL;
  return upTo(at + ((to - at) * span) / (to - from), span, whole);
}

/** Moved by so many seconds, as far as there is something. */
export function panned(sight: Sight, end: number, by: number): Sight {
  if (sight.span === null) return sight;
  const whole = Math.max(end, LEAST);
  return upTo(seen(sight, end).to + by, sight.span, whole);
}

/** Moved just so far that the time is in sight, with some room around it. */
export function withTime(sight: Sight, end: number, time: number): Sight {
  const { from, to } = seen(sight, end);
  const room = (to - from) / 10;
  if (time < from) return panned(sight, end, time - room - from);
  return time > to ? panned(sight, end, time + room - to) : sight;
}

function upTo(to: number, span: number, whole: number): Sight {
  return { span, to: to >= whole ? null : Math.max(to, span) };
}

/** Round times in the range, for an axis so many pixels wide. */
export function ticks({ from, to }: Range, width: number): number[] {
  const step = tickStep({ from, to }, width);
  const found: number[] = [];
  for (let n = Math.ceil(from / step); n * step <= to; n++) found.push(n * step);
  return found;
}

function tickStep({ from, to }: Range, width: number): number {
  const least = ((to - from) * TICK_ROOM) / Math.max(width, 1);
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((digit) => digit * power >= least) ?? 10);
}

/** `1.25 s`, with as many places as the ticks of that range need. */
export function tickWords(time: number, range: Range, width: number): string {
  const step = tickStep(range, width);
  const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return `${time.toFixed(places)} s`;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
