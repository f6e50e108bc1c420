import type { ChatActions } from "../../src/chat/Chat";
import type { Store } from "../../src/store/store";

export type Asked =
  | { send: string | null; inputs?: Record<string, unknown> }
  | { restart: true }
  | { stop: string }
  | { retry: string; text?: string }
  | { show: string };

/** Stands for widget.ts: does what it does to the store, and keeps what was asked. Requests are named r1, r2, ... */
export function fakeActions(store: Store): ChatActions & { asked: Asked[] } {
  const asked: Asked[] = [];
  let requests = 0;
  const request = (text: string | null, from?: string) => {
    requests += 1;
    store.setPending({ request: `r${requests}`, text, ...(from === undefined ? {} : { from }) });
    return `r${requests}`;
  };
  return {
    asked,
    send(text, inputs) {
      asked.push(Object.keys(inputs).length > 0 ? { send: text, inputs } : { send: text });
      return request(text);
    },
    stop(turn) {
      asked.push({ stop: turn });
      store.setStopping(turn);
    },
    retry(turn, text) {
      asked.push(text === null ? { retry: turn } : { retry: turn, text });
      const before = store.view.peek()?.turns.find(({ key }) => key === turn)?.prompt ?? null;
      return request(text ?? before, turn);
    },
    show(turn) {
      asked.push({ show: turn });
      requests += 1;
      store.ask({ type: "switch", client: "me", request: `r${requests}`, turn });
      return `r${requests}`;
    },
    restart() {
      asked.push({ restart: true });
      requests += 1;
      return `r${requests}`;
    },
  };
}
