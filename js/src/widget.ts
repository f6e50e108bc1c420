// The only file that touches the anywidget model: a channel is made of it, and views are mounted on what it brings.
import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";
import type { KernelMessage, Lane } from "./protocol.gen";
import { createSession } from "./session";
import "./theme.css";
import type { Channel } from "./transport/channel";
import { onRestart } from "./transport/restart";
import { mountView, showError, type ViewContext, type ViewName } from "./views";
import "./widget.css";

/** What other widgets of the page get from this one: see view.ts. */
export interface ChatExports {
  mount(view: ViewName, el: HTMLElement, signal: AbortSignal, lanes?: Lane[]): void;
}

// JupyterLab goes on sending to what it had set up in the kernel before, so nothing that is shown now would be heard.
const RESTARTED_ELSEWHERE =
  "The kernel was restarted from another page. Run the cells again, after this page is reloaded.";

// State lives in the factory, not in the module: some hosts import a module once for all its models.
export default () => {
  let context: ViewContext;

  return {
    // Waits for nothing: anywidget drops the model's messages when this takes over two seconds.
    initialize({ model, signal }: InitializeProps): ChatExports {
      const session = createSession(channelOf(model, signal));
      context = session.context;
      signal.addEventListener("abort", () => session.close());
      return { mount: (view, el, abort, lanes) => mountView(view, el, abort, { ...context, lanes }) };
    },

    render({ el, signal }: RenderProps): void {
      try {
        const layout = document.createElement("div");
        layout.className = "bcw-side-by-side";
        el.append(layout);
        mountView("chat", layout, signal, context);
        mountView("graph", layout, signal, context);
      } catch (error) {
        showError(el, error);
      }
    },
  };
};

function channelOf(model: AnyModel, signal: AbortSignal): Channel {
  const listeners: ((message: KernelMessage, buffers: readonly DataView[]) => void)[] = [];
  const receive = (message: KernelMessage, buffers: DataView[]) => {
    for (const listener of listeners) listener(message, buffers);
  };
  model.on("msg:custom", receive);
  signal.addEventListener("abort", () => model.off("msg:custom", receive));
  return {
    send: (command) => model.send(command),
    onMessage: (listener) => listeners.push(listener),
    onLost(listener) {
      // The host tells that the kernel was restarted or has died. Of a restart from another page it does not.
      const check = () => listener("The kernel was restarted or has died. Run the cells again to go on.");
      model.on("comm_live_update", check);
      signal.addEventListener("abort", () => model.off("comm_live_update", check));
      onRestart(model.widget_manager, () => listener(RESTARTED_ELSEWHERE), signal);
    },
  };
}
