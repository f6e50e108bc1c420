import type { TurnProps } from "./Timeline";

export function Replay(_: TurnProps) {
  return null;
}
