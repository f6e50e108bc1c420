import type { TimelineProps } from "./Timeline";

export function Lab(_: TimelineProps) {
  return null;
}
