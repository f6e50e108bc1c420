// A plot on the page: a canvas, and what scrolls it.
import { useComputed } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { AXIS, heightOfAll } from "./layout";
import { COLOURS } from "./paint";
import { attachPlot, type Plotted } from "./plotting";

/** Higher it scrolls, in pixels. */
const HIGHEST = 420;

interface PlotProps {
  plotted: Plotted;
  name: string;
  /** The ids of what says the same in words. */
  words: string;
}

export function Plot({ plotted, name, words }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = useRef<HTMLDivElement>(null);
  const height = useComputed(() => {
    const { rows, foot } = plotted.scene.value;
    return AXIS + heightOfAll(rows) + heightOfAll(foot);
  }).value;
  useLayoutEffect(() => {
    if (box.current === null || canvas.current === null || palette.current === null) return;
    return attachPlot({ box: box.current, canvas: canvas.current, palette: palette.current }, plotted);
  }, [plotted]);
  return (
    <div
      ref={box}
      class="bcw-plot"
      style={{ height: `${Math.min(height, HIGHEST)}px` }}
      role="application"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is operated with the keyboard
      tabIndex={0}
      aria-label={name}
      aria-describedby={words}
    >
      <div style={{ height: `${height}px` }}>
        <canvas ref={canvas} class="bcw-plot-canvas" style={{ height: `${Math.min(height, HIGHEST)}px` }} />
      </div>
      <div ref={palette} class="bcw-plot-palette" aria-hidden="true">
        {COLOURS.map((colour) => (
          <i key={colour} data-colour={colour} />
        ))}
      </div>
    </div>
  );
}
