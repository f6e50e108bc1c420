// The inspector as it is loaded on demand. js/build.mjs takes its style sheets as texts.
import branches from "../branches/branches.css";
import detail from "./detail.css";
import inspector from "./inspector.css";
import steps from "./steps.css";
import values from "./values.css";

export { provide } from "../provided";
export { Inspector as View } from "./Inspector";

export const css = [inspector, steps, detail, values, branches].join("\n");
