// A further view of a chat in another cell. It holds nothing: the chat's own model has the store and the bundle.
import type { RenderProps } from "@anywidget/types";
import type { Lane } from "./protocol.gen";
import type { ViewName } from "./views";
import type { ChatExports } from "./widget";

interface State {
  chat: string;
  view: ViewName;
  /** Of a comparison. */
  lanes?: Lane[];
}

export default {
  async render({ model, el, signal, host }: RenderProps<State>): Promise<void> {
    try {
      const chat = await host.getWidget<ChatExports>(model.get("chat"));
      // The cell may be gone by now.
      if (signal.aborted) return;
      chat.exports.mount(model.get("view"), el, signal, model.get("lanes"));
    } catch (error) {
      if (signal.aborted) return;
      const box = document.createElement("pre");
      box.setAttribute("role", "alert");
      box.textContent = `The chat that this view belongs to is gone: run its cell again, then this one.\n\n${error}`;
      el.append(box);
    }
  },
};
