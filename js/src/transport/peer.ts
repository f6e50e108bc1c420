// Who is at the other end of the channel, in words.

export interface Peer {
  /** As a noun. */
  name: string;
  /** An answer is late: briefly, and in a sentence. */
  late: string;
  busy: string;
  /** It is gone for good. */
  gone: string;
  /** What to do about that, where nobody has said. */
  remedy: string;
  /** What to do where a view could not be shown. */
  again: string;
  /** How the chat hears of it, where nothing is amiss. */
  live: string;
  /** Why nothing can ever be said to it; null where something can. */
  closed: string | null;
}

export const KERNEL: Peer = {
  name: "kernel",
  late: "Kernel busy",
  busy: "The kernel is busy.",
  gone: "The kernel is gone.",
  remedy: "Run the cells again to go on.",
  again: "Run the cell again",
  live: "Connected",
  closed: null,
};
