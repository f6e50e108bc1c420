/** What a notebook's file keeps of a chat, as `protocol/saved.py` has it; in an output's metadata, whose it is. */
export const MIME = "application/vnd.burr-chat+json";
