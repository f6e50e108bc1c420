import type { TurnProps } from "./Timeline";

export function Wire(_: TurnProps) {
  return null;
}
