import type { Command, KernelMessage } from "../protocol.gen";

/** The way to the kernel, whatever it is made of. widget.ts makes one of an anywidget model, page/channel.ts one of HTTP; tests fake one. */
export interface Channel {
  /** Throws when the kernel is gone. */
  send(command: Command): void;
  onMessage(listener: (message: KernelMessage, buffers: readonly DataView[]) => void): void;
  /** The kernel is gone for good: `reason` says what to do about it. */
  onLost(listener: (reason: string) => void): void;
  /** The way is broken for now; `back`: it is there (again), and a snapshot comes without hello. Only of a way that breaks. */
  onBroken?(listener: (back: boolean) => void): void;
  /** A command was turned away before the session could say anything to it. */
  onRefused?(listener: (request: string, reason: string) => void): void;
}
