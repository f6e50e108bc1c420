/** Where an arrow key leads: along the transitions, and to what lies beside. */
import type { Graph } from "../protocol.gen";
import type { Picture } from "./plan";
import { centre } from "./positions";

export type Direction = "up" | "down" | "left" | "right";

/**
 * Down follows a transition out of the action, up one into it; of several the first that lies that way, else the first.
 * Left and right go to the nearest node beside it; the picture's rows are not the same as the transitions' targets.
 */
export function neighbour(graph: Graph, picture: Picture, from: string, direction: Direction): string | null {
  const box = picture.nodes.get(from);
  if (!box) return null;
  const here = centre(box);
  const at = (name: string) => {
    const other = picture.nodes.get(name);
    return other ? centre(other) : here;
  };
  if (direction === "up" || direction === "down") {
    const sign = direction === "down" ? 1 : -1;
    const linked = graph.transitions
      .filter((edge) => edge.from_action !== edge.to_action)
      .filter((edge) => (sign > 0 ? edge.from_action : edge.to_action) === from)
      .map((edge) => (sign > 0 ? edge.to_action : edge.from_action))
      .filter((name) => picture.nodes.has(name));
    return linked.find((name) => (at(name).y - here.y) * sign > 0) ?? linked[0] ?? null;
  }
  const sign = direction === "right" ? 1 : -1;
  const beside = [...picture.nodes.keys()]
    .filter((name) => name !== from && (at(name).x - here.x) * sign > 0)
    .filter((name) => Math.abs(at(name).y - here.y) < box.h * 1.5)
    .sort((a, b) => Math.abs(at(a).x - here.x) - Math.abs(at(b).x - here.x));
  return beside[0] ?? null;
}
