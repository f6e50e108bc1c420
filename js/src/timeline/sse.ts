// The events of a turn as server-sent events, for who wants to see what an HTTP endpoint would send.
// src/burr_chat_widget/protocol/sse.py makes the same; tests/interop holds the two together.
import type { TurnEvent } from "./replayEvents";

/** These are written as the kernel writes them: as numbers that may have a fraction, whether they have one or not. */
const FRACTIONS = ["time", "monotonic", "duration", "first_delta"];

/** The event with that number of its turn, as it is sent. */
export function serverSent(event: TurnEvent, number: number): string {
  return `${linesOf(event, number).join("\n")}\n\n`;
}

/** Its lines, without the empty one that ends it. */
export function linesOf(event: TurnEvent, number: number): [id: string, event: string, data: string] {
  return [`id: ${number}`, `event: ${event.type}`, `data: ${jsonOf(event)}`];
}

export function jsonOf(event: TurnEvent): string {
  const fields = Object.entries(event).map(([name, value]) => {
    const isFraction = typeof value === "number" && FRACTIONS.includes(name);
    return `${JSON.stringify(name)}:${isFraction ? fraction(value) : JSON.stringify(value)}`;
  });
  return `{${fields.join(",")}}`;
}

/** As the kernel writes a float: with its shortest digits, never as a whole number, and briefly where it is very small. */
function fraction(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-5) return value.toExponential();
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
