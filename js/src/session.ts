// A chat on a page, whatever its channel is made of: what its views are mounted on.
import { chatActions } from "./chat/actions";
import { stepActions } from "./inspector/actions";
import { createStore } from "./store/store";
import { createAssets, type LoadAsset } from "./transport/assets";
import type { Channel } from "./transport/channel";
import { connect } from "./transport/connection";
import { randomName } from "./transport/names";
import { KERNEL, type Peer } from "./transport/peer";
import { createQuestions } from "./transport/questions";
import type { ViewContext } from "./views";

export interface Session {
  context: ViewContext;
  close(): void;
}

/** `client` is the page's name; `load` fetches modules on demand where that is not asked of the channel. */
export function createSession(
  channel: Channel,
  { client = randomName(), peer = KERNEL, load }: { client?: string; peer?: Peer; load?: LoadAsset } = {},
): Session {
  const store = createStore(peer);
  const connection = connect(channel, store, client);
  const questions = createQuestions(channel, connection, store, randomName);
  return {
    context: {
      session: client,
      store,
      actions: {
        ...chatActions(connection, store, randomName),
        ...stepActions(connection, store, questions, randomName),
      },
      load: load ?? createAssets(channel, connection),
      arrivals: connection.arrivals,
    },
    close: () => connection.close(),
  };
}
