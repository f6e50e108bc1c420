// The timeline on a page of its own; the kernel is the script in scenes.ts.
import { Comparison, css, provide, View } from "../../../src/timeline/asset";
import { mountView } from "../../../src/views";
import "../../../src/theme.css";
import { liveStore } from "../../chat/script";
import { fakeStepping } from "../../inspector/script";
import { logged } from "../script";
import { lanes, scenes } from "./scenes";

const parameters = new URLSearchParams(location.search);
const scene = scenes[parameters.get("scene") ?? "done"];
if (scene === undefined) throw new Error("There is no such scene.");
const store = liveStore();
store.apply(scene.events);
const never = () => new Promise<never>(() => {});
const { events, frames, arrivals } = scene;
const actions = fakeStepping(store, never, async () => logged({ events, frames }));
const load = () => Promise.resolve({ provide, View, Comparison, css });
const view = parameters.get("view") === "comparison" ? "comparison" : "timeline";
mountView(view, document.body, new AbortController().signal, {
  ...{ store, actions, load, arrivals },
  session: "page",
  lanes: lanes(),
});
Object.assign(window, { page: { store, actions } });
