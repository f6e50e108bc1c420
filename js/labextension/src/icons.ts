// The extension's icons, in the colours of the application's own.
import { LabIcon } from "@jupyterlab/ui-components";

const svg = (path: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><path class="jp-icon3" fill="#616161" fill-rule="evenodd" d="${path}"/></svg>`;

/** A bubble with a state machine's nodes in it. */
export const chatsIcon = new LabIcon({
  name: "burr-chat-widget:chats",
  svgstr: svg(
    "M3 2h10a1.5 1.5 0 0 1 1.5 1.5v6A1.5 1.5 0 0 1 13 11H7.6L4.5 14v-3H3a1.5 1.5 0 0 1-1.5-1.5v-6A1.5 1.5 0 0 1 3 2zm1.6 3.2a1.3 1.3 0 1 0 1.2 1.8h4.4a1.3 1.3 0 1 0 0-1H5.8a1.3 1.3 0 0 0-1.2-.8z",
  ),
});
