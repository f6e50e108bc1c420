// The inspector as it is loaded on demand. js/build.mjs takes the style sheet as a text here.
export { provide } from "../provided";
export { Inspector } from "./Inspector";
export { default as css } from "./inspector.css";
