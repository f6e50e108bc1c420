// What the reader prefers: the same for all chats of the page. Without the extension, which has the settings, it is as below.
import type { Prefer } from "./protocol.gen";

export interface Settings {
  /** What sends from the composer; where that is with Ctrl, Enter alone breaks the line. */
  readonly sendKey: "Enter" | "Ctrl+Enter";
  readonly animations: boolean;
  /** What the cell of a chat shows. */
  readonly views: readonly ("chat" | "graph" | "inspector" | "timeline")[];
  /** At most so many frames a second are sent. */
  readonly frames: number;
  /** What the notebook's file keeps of a chat; null for what the chat says itself. */
  readonly save: Prefer["save"];
}

export const DEFAULTS: Settings = {
  sendKey: "Enter",
  animations: true,
  views: ["chat", "graph"],
  frames: 30,
  save: null,
};

/** The settings that another bundle has put together, maybe of another version: what is not understood is as by default. */
export function settingsFrom(given: unknown): Settings {
  const { sendKey, animations, views, frames, save } = (given ?? {}) as Partial<Record<keyof Settings, unknown>>;
  const known = ["chat", "graph", "inspector", "timeline"] as const;
  const shown = Array.isArray(views) ? known.filter((view) => views.includes(view)) : [];
  return {
    sendKey: sendKey === "Ctrl+Enter" ? sendKey : DEFAULTS.sendKey,
    animations: animations !== false,
    views: shown.length > 0 ? shown : DEFAULTS.views,
    frames: typeof frames === "number" && frames >= 1 && frames <= 60 ? frames : DEFAULTS.frames,
    save: (["replay", "transcript", "nothing"] as const).find((each) => each === save) ?? DEFAULTS.save,
  };
}
