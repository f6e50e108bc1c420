export type { LayoutEngine, LayoutRequest, Positions } from "./positions";
export { type GraphProps, StateMachine } from "./StateMachine";
