// The chat page of a server: the same front end as in a notebook, over HTTP.
import { effect } from "@preact/signals";
import { outgoingOf } from "../chat/outgoing";
import { createSession } from "../session";
import "../theme.css";
import type { LoadAsset } from "../transport/assets";
import { randomName } from "../transport/names";
import { showError } from "../views";
import { placeOf, SERVER } from "./address";
import { createHttpChannel } from "./channel";
import { element, type Pane, showPanes } from "./layout";
import { restUnseen } from "./unseen";
import "./page.css";

/** The views besides the chat, as far as the server gives them anything to show. */
function panesOf(exposed: readonly string[]): Pane[] {
  const panes: Pane[] = [{ view: "graph", name: "State machine" }];
  if (exposed.includes("state")) panes.push({ view: "inspector", name: "Inspector" });
  panes.push({ view: "timeline", name: "Timeline" });
  return panes;
}

/** A module is on the server under its own address; one that did not come can be asked for again. */
function loadFrom(base: URL): LoadAsset {
  const loaded = new Map<string, Promise<Record<string, unknown>>>();
  let tries = 0;
  return (name) => {
    const known = loaded.get(name);
    if (known !== undefined) return known;
    const url = new URL(`assets/${name}`, base);
    // A browser remembers of an address that it could not be imported.
    if (tries > 0) url.searchParams.set("again", String(tries));
    const promise: Promise<Record<string, unknown>> = import(/* @vite-ignore */ url.href);
    loaded.set(name, promise);
    promise.catch(() => {
      tries += 1;
      loaded.delete(name);
    });
    return promise;
  };
}

function start(root: HTMLElement): void {
  const leaving = new AbortController();
  const client = randomName();
  const place = placeOf(root, location.href);
  const channel = createHttpChannel(place.chat, client, leaving.signal);
  const { context } = createSession(channel, { client, peer: SERVER, load: loadFrom(place.base) });
  const anew = element("a", "bcw-page-new", { href: place.base.href });
  anew.textContent = "New conversation";
  root.classList.add("bcw-page-window");
  showPanes(root, panesOf(place.exposed), context, anew, leaving.signal);
  effect(() => {
    const title = context.store.view.value?.session.title;
    if (title !== undefined) document.title = title;
  });
  const { busy, queue } = outgoingOf(context.store, context.actions);
  const isIdle = () => !busy.peek() && queue.peek().length === 0 && context.store.asked.peek().length === 0;
  restUnseen(channel, isIdle, leaving.signal);
}

const root = document.querySelector("main");
if (root === null) throw new Error("the page has no place for a chat");
try {
  start(root);
} catch (error) {
  showError(root, error, SERVER);
}
