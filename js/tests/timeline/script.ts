// What a kernel tells of how a turn went.
import type { FrameSent, Logged } from "../../src/protocol.gen";

export function frame(seq: number, sent: number, first: number, last: number): FrameSent {
  return { seq, sent, first, last, body: null, received: null, painted: null };
}

export function logged(given: Partial<Logged>): Logged {
  return {
    ...{ type: "logged", client: "me", request: "r", events: [], first: 0, more: false, frames: [], error: null },
    ...given,
  };
}
