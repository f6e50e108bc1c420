// The inspector and the chat on a page of their own; the kernel is the script in scenes.ts.
import { mountView } from "../../../src/views";
import "../../../src/theme.css";
import "../../../src/inspector/inspector.css";
import "../../../src/inspector/steps.css";
import "../../../src/inspector/detail.css";
import "../../../src/inspector/values.css";
import "../../../src/branches/branches.css";
import { Inspector } from "../../../src/inspector/Inspector";
import { liveStore } from "../../chat/script";
import { fakeStepping } from "../script";
import { scenes } from "./scenes";

const parameters = new URLSearchParams(location.search);
const scene = scenes[parameters.get("scene") ?? "held"];
if (scene === undefined) throw new Error("There is no such scene.");
const store = liveStore(scene.view);
store.apply(scene.events);
const actions = fakeStepping(store, scene.inspect);
const load = () => Promise.resolve({ provide() {}, View: Inspector, css: "", colourSpans: () => [] });
mountView(scene.show ?? "inspector", document.body, new AbortController().signal, {
  ...{ store, actions, load },
  session: "page",
  arrivals: new Map(),
});
Object.assign(window, { page: { store, actions } });
