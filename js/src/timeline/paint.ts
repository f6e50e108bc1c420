// Draws a plot. What is drawn for a frame depends on its width and on the rows in sight, not on how many marks there are.
import { countIn, eachColumn } from "./bins";
import { AXIS, axisWidth, bandOf, heightOf, heightOfAll, LABEL, SIDE, xOf } from "./layout";
import { type Range, ticks, tickWords } from "./scale";
import type { Place, Row, Scene } from "./scene";

export const COLOURS = [
  ...["text", "quiet", "line", "surface", "accent", "hold"],
  ...["yield", "sent", "received", "painted"],
  ...["running", "done", "stopped", "failed"],
] as const;
export type Colours = Record<(typeof COLOURS)[number], string>;

export interface Picture {
  scene: Scene;
  range: Range;
  width: number;
  height: number;
  /** How far the rows are scrolled. */
  scrolled: number;
  colours: Colours;
  font: string;
  /** The delta that is chosen, and what is looked at now. */
  chosen: Place | null;
  hovered: Place | null;
  /** When what is looked at came to other rows: by the row's place, those at the foot counted after the others. */
  way: ReadonlyMap<number, number>;
  playhead: number | null;
}

export interface Drawn {
  /** How many marks are in sight, and how many were drawn for them. */
  seen: number;
  drawn: number;
}

export function paint(context: CanvasRenderingContext2D, picture: Picture): Drawn {
  const { scene, width, height, scrolled, colours } = picture;
  context.clearRect(0, 0, width, height);
  context.font = picture.font;
  context.textBaseline = "alphabetic";
  const drawn = { seen: 0, drawn: 0 };
  const footTop = height - heightOfAll(scene.foot);
  drawTicks(context, picture);
  clipped(context, AXIS, footTop, width, () => {
    for (const hold of scene.holds) drawHold(context, picture, hold, footTop);
    let top = AXIS - scrolled;
    scene.rows.forEach((row, index) => {
      const bottom = top + heightOf(row);
      if (bottom > AXIS && top < footTop) drawRow(context, picture, row, top, drawn);
      drawWay(context, picture, row, index, top);
      for (const [place, colour] of [
        [picture.chosen, colours.accent],
        [picture.hovered, colours.text],
      ] as const) {
        if (place?.row === index) drawPlace(context, picture, row, place, top, colour);
      }
      top = bottom;
    });
  });
  drawFoot(context, picture, footTop, drawn);
  if (picture.playhead !== null) drawLine(context, picture, picture.playhead, 0, height, colours.accent, 2);
  return drawn;
}

function clipped(
  context: CanvasRenderingContext2D,
  top: number,
  bottom: number,
  width: number,
  draw: () => void,
): void {
  context.save();
  context.beginPath();
  context.rect(0, top, width, bottom - top);
  context.clip();
  draw();
  context.restore();
}

function drawTicks(context: CanvasRenderingContext2D, { range, width, height, colours }: Picture): void {
  const across = axisWidth(width);
  context.textAlign = "center";
  for (const time of ticks(range, across)) {
    const x = Math.round(xOf(time, range, width));
    context.fillStyle = colours.line;
    context.fillRect(x, AXIS - 4, 1, height - AXIS + 4);
    const words = tickWords(time, range, across);
    const half = context.measureText(words).width / 2;
    context.fillStyle = colours.quiet;
    context.fillText(words, Math.max(half, Math.min(width - half, x)), AXIS - 8);
  }
  context.textAlign = "left";
}

function drawHold(context: CanvasRenderingContext2D, picture: Picture, { from, to }: Range, bottom: number): void {
  const { range, width, colours } = picture;
  const left = Math.max(0, xOf(from, range, width));
  context.fillStyle = colours.hold;
  context.fillRect(left, AXIS, Math.min(width, xOf(to, range, width)) - left, bottom - AXIS);
}

function drawRow(context: CanvasRenderingContext2D, picture: Picture, row: Row, top: number, drawn: Drawn): void {
  const { range, width, colours } = picture;
  const band = bandOf(row);
  const y = top + LABEL;
  if (row.chosen) {
    context.fillStyle = colours.surface;
    context.fillRect(0, top, width, heightOf(row));
    context.fillStyle = colours.accent;
    context.fillRect(0, top, 3, heightOf(row));
  }
  context.fillStyle = colours.text;
  context.fillText(row.label, SIDE, y - 4);
  context.fillStyle = colours.quiet;
  context.fillText(row.note, SIDE + context.measureText(row.label).width + 8, y - 4);
  for (const { from, to, status } of row.bars) {
    const left = Math.max(0, xOf(from, range, width));
    const right = Math.min(width, xOf(to, range, width));
    if (right < left) continue;
    context.globalAlpha = 0.2;
    context.fillStyle = colours[status];
    // One pixel less, so that what follows at once is another.
    const wide = Math.max(2, right - left - 1);
    context.fillRect(left, y, wide, band);
    context.globalAlpha = 1;
    context.fillRect(left, y + band - 1, wide, 1);
  }
  const across = Math.ceil(axisWidth(width));
  const inSight = countIn(row.times, range);
  drawn.seen += inSight;
  // Single marks are seen better when they are a little wider.
  const wide = inSight * 5 < across ? 2 : 1;
  context.fillStyle = colours[row.tone];
  eachColumn(row.times, range, across, (column) => {
    context.fillRect(SIDE + column, y, wide, band);
    drawn.drawn += 1;
  });
}

function drawPlace(
  context: CanvasRenderingContext2D,
  picture: Picture,
  row: Row,
  { mark }: Place,
  top: number,
  colour: string,
): void {
  const time = mark === null ? undefined : row.times[mark];
  if (time === undefined) return;
  const { range, width } = picture;
  const x = Math.round(xOf(time, range, width));
  const y = top + LABEL;
  context.fillStyle = colour;
  context.fillRect(x - 1, y - 3, 3, bandOf(row) + 6);
  context.beginPath();
  context.moveTo(x - 4, y - 7);
  context.lineTo(x + 5, y - 7);
  context.lineTo(x + 0.5, y - 1);
  context.fill();
}

function drawFoot(context: CanvasRenderingContext2D, picture: Picture, footTop: number, drawn: Drawn): void {
  const { scene, width, height, colours } = picture;
  if (scene.foot.length === 0) return;
  context.fillStyle = colours.line;
  context.fillRect(0, footTop, width, 1);
  clipped(context, footTop, height, width, () => {
    let top = footTop;
    scene.foot.forEach((row, index) => {
      drawRow(context, picture, row, top, drawn);
      drawWay(context, picture, row, scene.rows.length + index, top);
      top += heightOf(row);
    });
  });
}

/** Where what is looked at came to this row. */
function drawWay(context: CanvasRenderingContext2D, picture: Picture, row: Row, index: number, top: number): void {
  const time = picture.way.get(index);
  const y = top + LABEL;
  if (time !== undefined) drawLine(context, picture, time, y - 3, y + bandOf(row) + 3, picture.colours.accent, 3);
}

function drawLine(
  context: CanvasRenderingContext2D,
  { range, width }: Picture,
  time: number,
  top: number,
  bottom: number,
  colour: string,
  wide: number,
): void {
  context.fillStyle = colour;
  context.fillRect(Math.round(xOf(time, range, width)) - (wide >> 1), top, wide, bottom - top);
}
