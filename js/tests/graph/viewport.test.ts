import { describe, expect, it } from "vitest";
import { place } from "../../src/graph/place";
import { type Box, overlaps } from "../../src/graph/positions";
import { Viewport } from "../../src/graph/viewport";
import { random } from "./samples";

const canvas = { w: 800, h: 500 };
const box: Box = { x: 1500, y: 2500, w: 120, h: 40 };

function inside(viewport: Viewport, item: Box): boolean {
  const { x, y, w, h } = viewport.onCanvas(item);
  return x >= 0 && y >= 0 && x + w <= canvas.w && y + h <= canvas.h;
}

describe("the viewport", () => {
  it("does not blow a small picture up, and centres it", () => {
    const viewport = new Viewport();
    viewport.resize(canvas, { w: 200, h: 100 }, null);
    expect(viewport.view.value).toEqual({ x: 300, y: 200, k: 1 });
    expect(viewport.overflowing.value).toBe(false);
  });

  it("fits a larger one", () => {
    const viewport = new Viewport();
    viewport.resize(canvas, { w: 1000, h: 500 }, box);
    expect(viewport.view.value.k).toBeCloseTo(0.768);
    expect(inside(viewport, { x: 0, y: 0, w: 1000, h: 500 })).toBe(true);
  });

  it("shows all of a picture in a small place, and in another size again", () => {
    const viewport = new Viewport();
    const picture = { w: 560, h: 640 };
    for (const small of [canvas, { w: 250, h: 280 }, { w: 400, h: 300 }]) {
      viewport.resize(small, picture, box);
      expect(viewport.overflowing.value).toBe(false);
    }
  });

  it("starts readable, at what runs, when all of it would be too small to read", () => {
    const viewport = new Viewport();
    viewport.resize(canvas, { w: 3000, h: 4000 }, box);
    expect(viewport.view.value.k).toBeGreaterThan(0.6);
    expect(inside(viewport, box)).toBe(true);
    viewport.fit(null);
    expect(inside(viewport, { x: 0, y: 0, w: 3000, h: 4000 })).toBe(true);
  });

  it("fits a picture that would be too small to make out as far as it can, round what runs", () => {
    const viewport = new Viewport();
    viewport.resize(canvas, { w: 3000, h: 4000 }, box);
    const { k: readable } = viewport.view.value;
    viewport.fit(box);
    expect(viewport.view.value.k).toBeLessThan(readable);
    expect(viewport.view.value.k).toBeGreaterThan(0.4);
    expect(inside(viewport, box)).toBe(true);
    expect(viewport.overflowing.value).toBe(true);
    expect(viewport.following.value).toBe(true);
    viewport.resize(canvas, { w: 900, h: 700 }, box);
    viewport.fit(box);
    expect(inside(viewport, { x: 0, y: 0, w: 900, h: 700 })).toBe(true);
  });

  it("follows through zooming, until the reader moves the picture", () => {
    const viewport = new Viewport();
    viewport.resize(canvas, { w: 3000, h: 4000 }, box);
    viewport.zoom(2);
    expect(viewport.following.value).toBe(true);
    viewport.pan(10, 20);
    expect(viewport.following.value).toBe(false);
  });

  it("keeps the reader's own view when the canvas changes its size", () => {
    const viewport = new Viewport();
    viewport.resize(canvas, { w: 3000, h: 4000 }, box);
    viewport.pan(-50, -60);
    const { value } = viewport.view;
    viewport.resize({ w: 700, h: 400 }, { w: 3000, h: 4000 }, box);
    expect(viewport.view.value).toEqual(value);
  });

  it("zooms round the point given", () => {
    const viewport = new Viewport();
    viewport.resize(canvas, { w: 700, h: 400 }, null);
    const point = { x: 100, y: 50, w: 0, h: 0 };
    const before = viewport.onCanvas(point);
    viewport.zoom(1.5, before);
    expect(viewport.onCanvas(point).x).toBeCloseTo(before.x);
    expect(viewport.onCanvas(point).y).toBeCloseTo(before.y);
  });

  it("does not move for what is seen already", () => {
    const viewport = new Viewport();
    viewport.resize(canvas, { w: 3000, h: 4000 }, box);
    const { value } = viewport.view;
    viewport.reveal({ ...box, x: box.x + 20 });
    expect(viewport.view.value).toBe(value);
    viewport.reveal({ ...box, x: 0, y: 0 });
    expect(inside(viewport, { ...box, x: 0, y: 0 })).toBe(true);
  });
});

it("places cards inside the canvas and never over their node, down to 320 pixels", () => {
  const next = random(5);
  for (let i = 0; i < 500; i++) {
    const size = { w: 320 + next() * 900, h: 280 + next() * 320 };
    const anchor = { x: next() * (size.w - 60), y: next() * (size.h - 30), w: 60 + next() * 60, h: 30 + next() * 20 };
    const { left, width, top, bottom } = place(anchor, size);
    const card = { x: left, y: top, w: width, h: size.h - top - bottom };
    expect(overlaps(card, anchor)).toBe(false);
    expect(Math.min(card.x, card.y)).toBeGreaterThanOrEqual(0);
    expect(card.x + card.w).toBeLessThanOrEqual(size.w);
    expect(card.y + card.h).toBeLessThanOrEqual(size.h);
    expect(card.w).toBeGreaterThanOrEqual(220);
    expect(card.h).toBeGreaterThan(80);
  }
});

it("places cards where they cover other nodes least", () => {
  const size = { w: 1000, h: 500 };
  const anchor = { x: 450, y: 200, w: 120, h: 40 };
  const card = (others: Box[]) => {
    const { left, width } = place(anchor, size, others);
    return { x: left, y: anchor.y, w: width, h: 200 };
  };
  expect(card([]).x).toBeGreaterThan(anchor.x + anchor.w);
  const neighbour = { x: 600, y: 180, w: 120, h: 80 };
  expect(overlaps(card([neighbour]), neighbour)).toBe(false);
  const both = [neighbour, { x: 300, y: 180, w: 100, h: 80 }];
  for (const other of both) expect(overlaps(card(both), other)).toBe(false);
});
