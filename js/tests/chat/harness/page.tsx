// The chat on a page of its own, on the real connection and store; the kernel is the script in scenes.ts.
import { render } from "preact";
import { Chat } from "../../../src/chat/Chat";
import { guardKeyboard } from "../../../src/chat/keyboard";
import { createMarkdown } from "../../../src/markdown/markdown";
import "../../../src/markdown/markdown.css";
import type { View } from "../../../src/protocol.gen";
import "../../../src/theme.css";
import { fold, type WireEvent } from "../../../src/store/fold";
import { createStore } from "../../../src/store/store";
import { connect } from "../../../src/transport/connection";
import { FakeChannel, frame, snapshot } from "../../transport/fakes";
import { fakeActions } from "../actions";
import { makeView } from "../script";
import { scenes } from "./scenes";

const host = document.createElement("div");
host.className = "bcw";
host.dataset.view = "chat";
document.body.append(host);

const channel = new FakeChannel();
const store = createStore();
let view: View = makeView();
let seq = 0;
const client = "page";
connect(channel, store, client);
const actions = fakeActions(store);

const page = {
  store,
  actions,
  answer: () => channel.fire(snapshot(seq, client, view)),
  tell(...events: WireEvent[]) {
    view = events.reduce(fold, view);
    seq += 1;
    channel.fire(frame(seq, events));
  },
  lose: (reason: string) => channel.lose(reason),
};
export type HarnessPage = typeof page;

guardKeyboard(host, new AbortController().signal);
render(<Chat store={store} actions={actions} markdown={(element) => createMarkdown(element)} />, host);

const scene = new URLSearchParams(location.search).get("scene") ?? "empty";
if (scene !== "late") page.answer();
scenes[scene]?.(page);
Object.assign(window, { page });
