// A document that was read: what a notebook's file, or a page of its own, keeps of a chat. See protocol/saved.py.
import type { SavedChat } from "../protocol.gen";

/** What this version reads. */
export const FORMAT = 1;

/** The document, or an error that says what to do. Of other formats nothing is taken for granted. */
export function openDocument(data: unknown): SavedChat {
  if (typeof data !== "object" || data === null || !("format" in data) || typeof data.format !== "number") {
    throw new Error("This is no chat that burr-chat-widget has saved.");
  }
  const { format } = data;
  if (format > FORMAT) {
    const version = "version" in data ? ` ${data.version}` : "";
    throw new Error(
      `This chat was saved by a newer burr-chat-widget${version}, in the format ${format}. Install that version, or a later one, to read it: pip install --upgrade burr-chat-widget`,
    );
  }
  if (format !== FORMAT || !("view" in data) || !("turns" in data) || !("steps" in data)) {
    throw new Error(`This chat is saved in a form that cannot be read, and that calls itself format ${format}.`);
  }
  return data as SavedChat;
}

/** When it was saved, in words. */
export function savedWords({ time, left_out }: SavedChat): string {
  const when = new Date(time * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  const cut = left_out > 0 ? ` ${left_out.toLocaleString("en")} earlier messages are left out.` : "";
  return `As it was on ${when}.${cut}`;
}
