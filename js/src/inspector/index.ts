export type { ViewActions } from "./actions";
export { controlOf } from "./control";
export { HeldBar } from "./HeldBar";
export { listenForKeys } from "./keys";
export { ASKS } from "./words";
