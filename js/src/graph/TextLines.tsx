/** Lines of centred text, the first one's middle at `y`. */
export function TextLines(props: { lines: string[]; x: number; y: number; pitch: number }) {
  return (
    <text>
      {props.lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other identity than their place
        <tspan key={i} x={props.x} y={props.y + i * props.pitch}>
          {line}
        </tspan>
      ))}
    </text>
  );
}
