export type { ViewActions } from "./actions";
export { controlOf } from "./control";
export { HeldBar } from "./HeldBar";
export { Inspector } from "./Inspector";
export { listenForKeys } from "./keys";
