// The only file that touches the anywidget model: a channel is made of it, and views are mounted on what it brings.
import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";
import { showViews } from "./cell";
import { joinPage, type Origin } from "./live";
import type { KernelMessage, Lane } from "./protocol.gen";
import { createSession } from "./session";
import "./theme.css";
import type { Channel } from "./transport/channel";
import { randomName } from "./transport/names";
import { onGivenUp, onRestart } from "./transport/restart";
import { mountView, showError, type ViewContext, type ViewName } from "./views";
import "./widget.css";

/** What other widgets of the page get from this one: see view.ts. */
export interface ChatExports {
  mount(view: ViewName, el: HTMLElement, signal: AbortSignal, lanes?: Lane[]): void;
}

const RESTARTED_ELSEWHERE = "The kernel was restarted from another page. Run the cells again to go on.";
const GIVEN_UP = "The kernel was shut down, or the notebook has another one now. Run the cells again to go on.";
const UNKNOWN = "No kernel has this chat: it was run elsewhere, or before. Run the cells again to go on.";

// State lives in the factory, not in the module: some hosts import a module once for all its models.
export default () => {
  let context: ViewContext;

  return {
    // Waits for nothing: anywidget drops the model's messages when this takes over two seconds.
    initialize({ model, signal }: InitializeProps): ChatExports {
      const session = createSession(channelOf(model, signal));
      context = joinPage(session.context, originOf(model), signal);
      signal.addEventListener("abort", () => session.close());
      return {
        mount(view, el, abort, lanes) {
          if (el.getRootNode() instanceof ShadowRoot) el.append(styleOf(model));
          mountView(view, el, abort, { ...context, lanes });
        },
      };
    },

    render({ el, signal }: RenderProps): void {
      try {
        showViews(el, signal, context);
      } catch (error) {
        showError(el, error);
      }
    },
  };
};

/** marimo shows each widget in a shadow root, where the style sheet of the chat's own does not reach. */
function styleOf(model: AnyModel): HTMLStyleElement {
  const style = document.createElement("style");
  style.textContent = model.get("_css");
  return style;
}

function originOf(model: AnyModel): Origin {
  const manager = model.widget_manager as { kernel?: { id?: string } | null } | undefined;
  return { key: layoutOf(model)?.model_id ?? randomName(), kernel: () => manager?.kernel?.id ?? null };
}

/** What is not told of the widget itself is as good of its layout, which is made with it. */
function layoutOf(model: AnyModel): { model_id?: string; comm_live?: boolean } | null | undefined {
  return model.get("layout");
}

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
      // Jupyter has made it of the widgets' state in the notebook's file, and nothing that is sent is heard, now or ever.
      if (layoutOf(model)?.comm_live === false) listener(UNKNOWN);
      // The host tells that the kernel was restarted or has died. Of a restart from another page it does not.
      const check = () => listener("The kernel was restarted or has died. Run the cells again to go on.");
      model.on("comm_live_update", check);
      signal.addEventListener("abort", () => model.off("comm_live_update", check));
      onRestart(model.widget_manager, () => listener(RESTARTED_ELSEWHERE), signal);
      onGivenUp(model.widget_manager, () => listener(GIVEN_UP), signal);
    },
  };
}
