import type { ChatActions } from "../../src/chat/Chat";
import type { Store } from "../../src/store/store";

export type Asked =
  | { send: string | null; inputs?: Record<string, unknown> }
  | { restart: true }
  | { stop: string }
  | { retry: string };

/** Stands for widget.ts: does what it does to the store, and keeps what was asked. Requests are named r1, r2, ... */
export function fakeActions(store: Store): ChatActions & { asked: Asked[] } {
  const asked: Asked[] = [];
  let requests = 0;
  const request = (text: string | null) => {
    requests += 1;
    store.setPending({ request: `r${requests}`, text });
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
    retry(turn) {
      asked.push({ retry: turn });
      return request(null);
    },
    restart() {
      asked.push({ restart: true });
      requests += 1;
      return `r${requests}`;
    },
  };
}
