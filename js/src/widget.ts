// The only file that touches the anywidget model: a channel is made of it, and views are mounted on what it brings.
import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";
import type { ChatActions } from "./chat/Chat";
import { stepActions } from "./inspector/actions";
import type { KernelMessage, Lane, Switch } from "./protocol.gen";
import { createStore } from "./store/store";
import "./theme.css";
import { createAssets } from "./transport/assets";
import type { Channel } from "./transport/channel";
import { type Connection, connect } from "./transport/connection";
import { createQuestions } from "./transport/questions";
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
      const store = createStore();
      const channel = channelOf(model, signal);
      const connection = connect(channel, store, randomName());
      const questions = createQuestions(channel, connection, store, randomName);
      context = {
        session: connection.client,
        store,
        actions: { ...actionsOf(connection, store), ...stepActions(connection, store, questions, randomName) },
        load: createAssets(channel, connection),
        arrivals: connection.arrivals,
      };
      signal.addEventListener("abort", () => connection.close());
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

function actionsOf(connection: Connection, store: ReturnType<typeof createStore>): ChatActions {
  const { client } = connection;
  return {
    send(text, inputs) {
      const request = randomName();
      store.setPending({ request, text });
      connection.send({ type: "send", client, request, text, inputs });
      return request;
    },
    stop(turn) {
      store.setStopping(turn);
      connection.send({ type: "stop", client, turn });
    },
    retry(turn, text) {
      const request = randomName();
      const before = store.view.peek()?.turns.find(({ key }) => key === turn)?.prompt ?? null;
      store.setPending({ request, text: text ?? before, from: turn });
      connection.send({ type: "retry", client, request, turn, text });
      return request;
    },
    show(turn) {
      const request = randomName();
      const command: Switch = { type: "switch", client, request, turn };
      store.ask(command);
      connection.send(command);
      return request;
    },
    restart() {
      const request = randomName();
      connection.send({ type: "restart", client, request });
      return request;
    },
  };
}

/** Random enough to be unique among pages; `crypto.randomUUID` is missing where a page is served over plain HTTP. */
function randomName(): string {
  return Math.random().toString(36).slice(2, 12);
}
