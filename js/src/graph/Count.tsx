/** How often something was there: a number in a pill, whose middle is at (x, y). */
import { computed, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";

/** How wide a character is, and what is left free beside them all. */
const CHARACTER = 6.2;
const PADDING = 5;

interface CountProps {
  class: string;
  count: ReadonlySignal<number>;
  x: number;
  y: number;
  height: number;
}

export function Count({ class: name, count, x, y, height }: CountProps) {
  const pill = useMemo(() => {
    const text = computed(() => `×${count.value}`);
    const width = computed(() => Math.max(height * 1.5, text.value.length * CHARACTER + PADDING));
    return { text, width, left: computed(() => -width.value / 2) };
  }, [count, height]);
  return (
    <g class={name} transform={`translate(${x},${y})`}>
      <rect x={pill.left} y="-8" width={pill.width} height={height} rx={height / 2} />
      <text>{pill.text}</text>
    </g>
  );
}
