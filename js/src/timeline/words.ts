// A turn's figures, and its deltas, in words.
import { MARKED_DELTAS } from "../inspector/marks";
import { count, seconds } from "../inspector/words";
import type { Figures } from "../protocol.gen";
import type { Clocks, Ways } from "./clocks";

/** What can be said of the turn, a sentence or two a line. */
export function figureLines(figures: Figures): string[] {
  const lines = [firstLine(figures), ...totalLines(figures)];
  if (figures.thinned) {
    lines.push("There were so many deltas that one mark may stand for several: gaps between them are not seen.");
  }
  lines.push(turnLine(figures));
  return lines;
}

/** Seconds between actions from which on they are not the widget's own. */
const HELD = 0.25;

function firstLine({ first_delta: first, first_text, steps, status }: Figures): string {
  if (first === null) {
    const streams = steps.some(({ streaming }) => streaming);
    if (status === "running") return "No delta has come yet.";
    if (first_text !== null)
      return `There were no deltas: the answer was there as a whole after ${seconds(first_text)}.`;
    return streams ? "No delta came." : "There were no deltas: no action of this turn streams.";
  }
  const at = steps.findIndex(({ step }) => step === first.step);
  const action = steps[at]?.action ?? "its action";
  const ran = steps
    .slice(0, Math.max(0, at))
    .reduce((sum, { start, end }) => sum + (end === null ? 0 : end - start), 0);
  const held = first.before - ran;
  const rest = held < HELD ? "" : ` (${seconds(held)} of it while no action ran)`;
  if (at <= 0 && rest === "") return `First delta after ${seconds(first.at)}, all of it in ${action}.`;
  if (at <= 0)
    return `First delta after ${seconds(first.at)}: ${seconds(held)} before ${action}, and ${seconds(first.own)} in it.`;
  const before = at === 1 ? "the action before it" : `the ${at} actions before it`;
  return `First delta after ${seconds(first.at)}: ${seconds(first.before)} for ${before}${rest}, and ${seconds(first.own)} in ${action}.`;
}

function totalLines({ deltas, characters, rate, longest_gap: gap, steps, first_delta }: Figures): string[] {
  if (deltas === 0) return first_delta === null ? [] : ["None of what was streamed is text: there are no marks."];
  const total = `${count(deltas, "delta")}, ${count(characters, "character")}`;
  const lines = [rate === null ? `${total}.` : `${total}; ${rateWords(rate)}.`];
  if (gap !== null) {
    const action = steps.find(({ step }) => step === gap.step)?.action ?? "";
    lines.push(`Longest gap ${seconds(gap.seconds)}, before delta ${number(gap.delta + 1)} of ${action}.`);
  }
  return lines;
}

function rateWords(rate: number): string {
  const digits = rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en");
  return `${digits} deltas a second, from the first to the last of each step`;
}

function turnLine({ status, ended }: Figures): string {
  if (ended === null) return "The turn is running.";
  const words = { completed: "It was completed", stopped: "It was stopped", failed: "It failed", running: "It runs" };
  return `${words[status]} after ${seconds(ended)}.`;
}

/** What the deltas waited for on their way to the reader; `thinned`: only of those with a mark of their own that is known. */
export function wayLines(ways: Ways, thinned: boolean): string[] {
  const { whole, sending, travelling, painting } = ways;
  return [
    `From yield to paint${thinned ? `, of the first ${number(MARKED_DELTAS)} deltas` : ""}: ${seconds(whole.median)} at the median, ${seconds(whole.longest)} at most.`,
    `Of that ${seconds(sending.median)} until it was sent, ${seconds(travelling.median)} on the way, ${seconds(painting.median)} until it was painted, each at the median.`,
  ];
}

/** How the clocks of `kernel`, by that name, and page were put together; `recorded`: the turn is shown from a file. */
export function alignmentWords({ page, frames }: Clocks, recorded: boolean, kernel: string): string {
  if (recorded && frames.length === 0)
    return "This is a recording: when its deltas were sent and painted is not in it.";
  if (frames.length === 0)
    return `No frame of this turn is remembered: the ${kernel} sent it before a page listened, or long ago.`;
  if (page === null) return "When it was received and painted is not known: it was sent before this page was loaded.";
  const whose = page === "this" ? "This page’s clock" : "The clock of the page that saw it";
  return `${whose} is not the ${kernel}’s: it is set so that the fastest frame was received when it was sent. Each may really have taken longer, all by the same time. Painted is when the page was ready to be painted: the browser does it right after that, and does not say when.`;
}

/** More of one delta says nothing more. */
const ROOM = 300;

/** Text whose white space is seen, as much of it as there is room for. */
export function visible(text: string): string {
  const shown = text.length > ROOM ? `${text.slice(0, ROOM)}…` : text;
  return shown.replaceAll(" ", "·").replaceAll("\t", "⇥").replaceAll("\r", "␍").replaceAll("\n", "↵");
}

/** When something was, on the axis: `1.204 s`. */
export function moment(value: number): string {
  return `${value.toFixed(3)} s`;
}

export function number(value: number): string {
  return value.toLocaleString("en");
}
