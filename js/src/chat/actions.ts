// What the chat asks for, carried out over a connection.
import type { Switch } from "../protocol.gen";
import type { Store } from "../store/store";
import type { Connection } from "../transport/connection";
import type { ChatActions } from "./outgoing";

export function chatActions(
  connection: Pick<Connection, "client" | "send">,
  store: Store,
  newName: () => string,
): ChatActions {
  const { client } = connection;
  return {
    send(text, inputs) {
      const request = newName();
      store.setPending({ request, text });
      connection.send({ type: "send", client, request, text, inputs });
      return request;
    },
    stop(turn) {
      store.setStopping(turn);
      connection.send({ type: "stop", client, turn });
    },
    retry(turn, text) {
      const request = newName();
      const before = store.view.peek()?.turns.find(({ key }) => key === turn)?.prompt ?? null;
      store.setPending({ request, text: text ?? before, from: turn });
      connection.send({ type: "retry", client, request, turn, text });
      return request;
    },
    show(turn) {
      const request = newName();
      const command: Switch = { type: "switch", client, request, turn };
      store.ask(command);
      connection.send(command);
      return request;
    },
    restart() {
      const request = newName();
      connection.send({ type: "restart", client, request });
      return request;
    },
  };
}
