// Who is at the other end of the channel, in words, and what is to be had there.

/** What may be withheld from a page: values of the state, the controls of stepping, the ways back. */
export type Offer = "state" | "stepping" | "history";

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
  offers(what: Offer): boolean;
}

export const KERNEL: Peer = {
  name: "kernel",
  late: "Kernel busy",
  busy: "The kernel is busy.",
  gone: "The kernel is gone.",
  remedy: "Run the cells again to go on.",
  again: "Run the cell again",
  offers: () => true,
};
