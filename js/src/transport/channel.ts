import type { Command, KernelMessage } from "../protocol.gen";

/** The way to the kernel, whatever it is made of. widget.ts makes one of an anywidget model; tests fake one. */
export interface Channel {
  /** Throws when the kernel is gone. */
  send(command: Command): void;
  onMessage(listener: (message: KernelMessage, buffers: readonly DataView[]) => void): void;
  /** The kernel is gone for good: `reason` says what to do about it. */
  onLost(listener: (reason: string) => void): void;
}
