import { useState } from "preact/hooks";

/** A name for an element: unlike those of `useId`, no other chat of the page has it too. */
export function useName(): string {
  return useState(() => `bcw-${Math.random().toString(36).slice(2)}`)[0];
}
