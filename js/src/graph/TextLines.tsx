/** Lines of centred text, the first one's middle at `y`. */
export function TextLines(props: { lines: string[]; x: number; y: number; pitch: number }) {
  return (
    <text>
      {props.lines.map((line, i) => (
        <tspan key={i} x={props.x} y={props.y + i * props.pitch}>
          {line}
        </tspan>
      ))}
    </text>
  );
}
