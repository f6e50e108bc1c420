// The inspector as it is loaded on demand. js/build.mjs takes the style sheet as a text here.
import branches from "../branches/branches.css";
import inspector from "./inspector.css";

export { provide } from "../provided";
export { Inspector } from "./Inspector";

export const css = `${inspector}\n${branches}`;
