import type { Composer } from "../src/protocol.gen";

/** A composer for a next action that takes nothing. */
export const emptyComposer: Composer = {
  action: null,
  after: null,
  conditions: [],
  input: null,
  fields: [],
  ask: null,
  enabled: true,
  hint: null,
  ended: false,
  away: false,
  goes_on: false,
};
