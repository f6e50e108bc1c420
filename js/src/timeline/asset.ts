// The timeline as it is loaded on demand. js/build.mjs takes its style sheets as texts.
import lab from "./lab.css";
import timeline from "./timeline.css";

export { provide } from "../provided";
export { Comparison } from "./Comparison";
export { Timeline as View } from "./Timeline";

export const css = [timeline, lab].join("\n");
