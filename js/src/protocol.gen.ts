// Generated from src/burr_chat_widget/protocol by `make protocol`. Do not edit.

export type Command =
  | Hello
  | Ack
  | Bye
  | Send
  | Stop
  | Pause
  | Resume
  | StepAction
  | StepDelta
  | SetBreakpoint
  | Rewind
  | Fork
  | Inspect
  | Retry
  | Switch
  | Restart
  | Asset
  | SetPace
  | SetFault
  | Log
  | Painted
  | Prefer;
export type KernelMessage = Frame | Snapshot | Heartbeat | AssetReply | Inspected | Logged;

export interface Wire {
  command: Command;
  kernel_message: KernelMessage;
  lane: Lane;
  saved: SavedChat;
}
export interface Hello {
  type: "hello";
  client: string;
}
export interface Ack {
  type: "ack";
  client: string;
  seq: number;
}
export interface Bye {
  type: "bye";
  client: string;
}
export interface Send {
  type: "send";
  client: string;
  request: string;
  text: string | null;
  inputs: {};
}
export interface Stop {
  type: "stop";
  client: string;
  turn: string;
}
export interface Pause {
  type: "pause";
  client: string;
  request: string;
  off: boolean;
}
export interface Resume {
  type: "resume";
  client: string;
  request: string;
}
export interface StepAction {
  type: "step-action";
  client: string;
  request: string;
}
export interface StepDelta {
  type: "step-delta";
  client: string;
  request: string;
}
export interface SetBreakpoint {
  type: "set-breakpoint";
  client: string;
  request: string;
  action: string;
  when: "after" | "before";
  off: boolean;
}
export interface Rewind {
  type: "rewind";
  client: string;
  request: string;
  step: number;
  branch: string | null;
  edits: Edit[];
}
export interface Edit {
  path: (string | number)[];
  value: unknown;
  remove: boolean;
}
export interface Fork {
  type: "fork";
  client: string;
  request: string;
  step: number;
  branch: string | null;
  edits: Edit[];
}
export interface Inspect {
  type: "inspect";
  client: string;
  request: string;
  step: number | null;
  what: "given" | "inputs" | "result" | "state";
  path: number[];
  start: number;
  branch: string | null;
  against: string | null;
}
export interface Retry {
  type: "retry";
  client: string;
  request: string;
  turn: string;
  text: string | null;
}
export interface Switch {
  type: "switch";
  client: string;
  request: string;
  turn: string;
}
export interface Restart {
  type: "restart";
  client: string;
  request: string;
}
export interface Asset {
  type: "asset";
  client: string;
  name: string;
}
export interface SetPace {
  type: "set-pace";
  client: string;
  request: string;
  seconds: number;
}
export interface SetFault {
  type: "set-fault";
  client: string;
  request: string;
  fault: string | null;
}
export interface Log {
  type: "log";
  client: string;
  request: string;
  turn: string;
  start: number;
}
export interface Painted {
  type: "painted";
  client: string;
  frames: FramePainted[];
}
export interface FramePainted {
  seq: number;
  received: number;
  painted: number;
}
export interface Prefer {
  type: "prefer";
  client: string;
  frames: number | null;
  save: ("nothing" | "replay" | "transcript") | null;
}
export interface Frame {
  type: "frame";
  seq: number;
  events: (
    | TurnStarted
    | StepStarted
    | Text
    | TextReplaced
    | PartDelta
    | MessageAdded
    | SpanStarted
    | SpanFinished
    | AttributesLogged
    | StateChanged
    | StepFinished
    | TransitionTaken
    | TurnPaused
    | TurnResumed
    | Notice
    | TurnCompleted
    | TurnStopped
    | TurnFailed
    | ComposerChanged
    | ControlsChanged
    | BranchesChanged
    | Accepted
    | Refused
  )[];
}
export interface TurnStarted {
  type: "turn-started";
  time: number;
  monotonic: number;
  turn: string;
  inputs: {
    [k: string]: string;
  };
  prompt: string | null;
  next_action: string | null;
  request: string | null;
  replaces: string | null;
  siblings: string[];
  editable: boolean;
}
export interface StepStarted {
  type: "step-started";
  time: number;
  monotonic: number;
  turn: string;
  step: number;
  action: string;
  streaming: boolean;
  inputs: {
    [k: string]: string;
  };
}
export interface Text {
  type: "text";
  step: number;
  text: string;
  marks: string;
  thinned?: boolean;
}
export interface TextReplaced {
  type: "text-replaced";
  time: number;
  monotonic: number;
  turn: string;
  step: number;
  text: string;
}
export interface PartDelta {
  type: "part-delta";
  time: number;
  monotonic: number;
  turn: string;
  step: number;
  part: string;
  kind: "data" | "items" | "progress" | "reasoning" | "tool-call";
  text: string;
  keep: number | null;
  tail: number;
  times: number;
  name: string | null;
  call: string | null;
}
export interface MessageAdded {
  type: "message-added";
  time: number;
  monotonic: number;
  turn: string;
  step: number;
  role: string;
  text: string;
  kind: string;
  name: string | null;
  call: string | null;
}
export interface SpanStarted {
  type: "span-started";
  time: number;
  monotonic: number;
  turn: string;
  step: number;
  span: number;
  kind: "action" | "application" | "span";
  name: string;
  parent: number | null;
  given: {
    [k: string]: string;
  };
}
export interface SpanFinished {
  type: "span-finished";
  time: number;
  monotonic: number;
  turn: string;
  step: number;
  span: number;
  status: "done" | "failed" | "stopped";
  duration: number;
  deltas: number;
  changes: StateChange[];
  error: string | null;
}
export interface StateChange {
  key: string;
  change: "added" | "changed" | "removed";
  before: string | null;
  after: string | null;
}
export interface AttributesLogged {
  type: "attributes-logged";
  time: number;
  monotonic: number;
  turn: string;
  step: number;
  attributes: {
    [k: string]: string;
  };
  span: number | null;
}
export interface StateChanged {
  type: "state-changed";
  time: number;
  monotonic: number;
  turn: string;
  step: number;
  changes: StateChange[];
}
export interface StepFinished {
  type: "step-finished";
  time: number;
  monotonic: number;
  turn: string;
  step: number;
  action: string;
  status: "done" | "failed" | "stopped";
  duration: number;
  first_delta: number | null;
  deltas: number;
}
export interface TransitionTaken {
  type: "transition-taken";
  time: number;
  monotonic: number;
  turn: string;
  step: number;
  from_action: string;
  to_action: string;
  conditions: ConditionResult[];
}
export interface ConditionResult {
  to: string;
  condition: string;
  outcome: boolean | null;
  taken: boolean;
  values: {
    [k: string]: string;
  };
  error: string | null;
}
export interface TurnPaused {
  type: "turn-paused";
  time: number;
  monotonic: number;
  turn: string;
  at: "action" | "delta";
  reason: "breakpoint" | "pause" | "step";
  breakpoint: string | null;
  after: string | null;
  next_action: string | null;
  needs: string[];
  conditions: ConditionResult[];
  error: string | null;
}
export interface TurnResumed {
  type: "turn-resumed";
  time: number;
  monotonic: number;
  turn: string;
}
export interface Notice {
  type: "notice";
  time: number;
  monotonic: number;
  turn: string;
  level: "info" | "warning";
  text: string;
  step: number | null;
}
export interface TurnCompleted {
  type: "turn-completed";
  time: number;
  monotonic: number;
  turn: string;
  next_action: string | null;
  needs: string[];
}
export interface TurnStopped {
  type: "turn-stopped";
  time: number;
  monotonic: number;
  turn: string;
  next_action: string | null;
}
export interface TurnFailed {
  type: "turn-failed";
  time: number;
  monotonic: number;
  turn: string;
  error: TurnError;
  next_action: string | null;
}
export interface TurnError {
  kind: string;
  message: string;
  remedy: string | null;
  action: string | null;
  traceback: string | null;
}
export interface ComposerChanged {
  type: "composer-changed";
  time: number;
  monotonic: number;
  turn: string;
  composer: Composer;
}
export interface Composer {
  action: string | null;
  after: string | null;
  conditions: ConditionResult[];
  input: string | null;
  fields: Field[];
  ask: string | null;
  enabled: boolean;
  hint: string | null;
  ended: boolean;
  away: boolean;
  goes_on: boolean;
}
export interface Field {
  name: string;
  kind: "boolean" | "choice" | "integer" | "json" | "list" | "number" | "object" | "text";
  required: boolean;
  default: unknown;
  choices: string[];
  fields: Field[];
  labels: string[];
  description: string | null;
}
export interface ControlsChanged {
  type: "controls-changed";
  time: number;
  monotonic: number;
  turn: string;
  pausing: boolean;
  breakpoints: Breakpoint[];
  pace: number;
  fault: string | null;
}
export interface Breakpoint {
  action: string;
  when: "after" | "before";
  condition: string | null;
}
export interface BranchesChanged {
  type: "branches-changed";
  time: number;
  monotonic: number;
  turn: string;
  branches: BranchInfo[];
}
export interface BranchInfo {
  key: string;
  app_id: string;
  parent: string | null;
  turn: string | null;
  prompt: string | null;
  base: string | null;
  shared: number;
  actions: string[];
}
export interface Accepted {
  type: "accepted";
  time: number;
  monotonic: number;
  turn: string;
  request: string;
}
export interface Refused {
  type: "refused";
  time: number;
  monotonic: number;
  turn: string;
  request: string;
  reason: string;
  fields: {
    [k: string]: string;
  };
}
export interface Snapshot {
  type: "snapshot";
  seq: number;
  client: string;
  view: View;
}
export interface View {
  session: Session;
  graph: Graph;
  composer: Composer;
  nodes: {
    [k: string]: Node;
  };
  taken: number[];
  status: "idle" | "paused" | "running";
  held: Held | null;
  pausing: boolean;
  breakpoints: Breakpoint[];
  pace: number;
  fault: string | null;
  turns: Turn[];
  steps: Step[];
  messages: Message[];
  decisions: TransitionTaken[];
  branch: string;
  branches: BranchInfo[];
  accepted: string[];
  refused: Refusal[];
}
export interface Session {
  title: string;
  app_id: string;
  model: string | null;
  suggestions: string[];
  faults: string[];
  recording: string | null;
  withheld: ("history" | "state" | "stepping")[];
}
export interface Graph {
  entrypoint: string;
  actions: ActionInfo[];
  transitions: TransitionInfo[];
}
export interface ActionInfo {
  name: string;
  reads: string[];
  writes: string[];
  inputs: string[];
  optional_inputs: string[];
  tags: string[];
  streaming: boolean;
  terminal: boolean;
  docstring: string | null;
  source: string | null;
}
export interface TransitionInfo {
  from_action: string;
  to_action: string;
  condition: string;
}
export interface Node {
  status: "done" | "failed" | "idle" | "next" | "running";
  visits: number;
}
export interface Held {
  at: "action" | "delta";
  reason: "breakpoint" | "pause" | "step";
  breakpoint: string | null;
  after: string | null;
  next_action: string | null;
  needs: string[];
  conditions: ConditionResult[];
  error: string | null;
}
export interface Turn {
  key: string;
  status: "completed" | "failed" | "running" | "stopped";
  started: number;
  prompt: string | null;
  request: string | null;
  ended: number | null;
  siblings: string[];
  editable: boolean;
}
export interface Step {
  turn: string;
  step: number;
  action: string;
  started: number;
  status: "done" | "failed" | "running" | "stopped";
  duration: number | null;
  first_delta: number | null;
  deltas: number;
  streaming: boolean;
  inputs: {
    [k: string]: string;
  };
  changes: StateChange[];
  decision: TransitionTaken | null;
  spans: Span[];
  attributes: {
    [k: string]: string;
  };
  marks: string;
  thinned: boolean;
  by_hand: string[];
}
export interface Span {
  span: number;
  kind: "action" | "application" | "span";
  name: string;
  started: number;
  parent: number | null;
  status: "done" | "failed" | "running" | "stopped";
  duration: number | null;
  deltas: number;
  given: {
    [k: string]: string;
  };
  changes: StateChange[];
  attributes: {
    [k: string]: string;
  };
  error: string | null;
}
export interface Message {
  key: string;
  turn: string;
  role: string;
  text: string;
  kind: string;
  name: string | null;
  call: string | null;
  result: string | null;
  status: "done" | "failed" | "stopped" | "streaming";
  action: string | null;
  step: number | null;
  revision: number;
  error: TurnError | null;
  notices: string[];
}
export interface Refusal {
  request: string;
  reason: string;
  fields: {
    [k: string]: string;
  };
}
export interface Heartbeat {
  type: "heartbeat";
  seq: number;
}
export interface AssetReply {
  type: "asset-reply";
  name: string;
  error: string | null;
}
export interface Inspected {
  type: "inspected";
  client: string;
  request: string;
  rows: Row[];
  text: string | null;
  start: number;
  more: number;
  error: string | null;
}
export interface Row {
  key: string;
  kind: string;
  text: string;
  before: string | null;
  change: ("added" | "changed" | "removed") | null;
  rows: number;
  length: number | null;
  redacted: boolean;
}
export interface Logged {
  type: "logged";
  client: string;
  request: string;
  events: (
    | TurnStarted
    | StepStarted
    | Text
    | TextReplaced
    | PartDelta
    | MessageAdded
    | SpanStarted
    | SpanFinished
    | AttributesLogged
    | StateChanged
    | StepFinished
    | TransitionTaken
    | TurnPaused
    | TurnResumed
    | Notice
    | TurnCompleted
    | TurnStopped
    | TurnFailed
    | ComposerChanged
    | ControlsChanged
    | BranchesChanged
    | Accepted
    | Refused
  )[];
  first: number;
  more: boolean;
  frames: FrameSent[];
  error: string | null;
}
export interface FrameSent {
  seq: number;
  sent: number;
  first: number;
  last: number;
  body: string | null;
  received: number | null;
  painted: number | null;
}
export interface Lane {
  label: string;
  figures: Figures;
  marks: string[];
  texts: string[];
  frames: LaneFrame[];
}
export interface Figures {
  turn: string;
  status: "completed" | "failed" | "running" | "stopped";
  began: number;
  ended: number | null;
  first_delta: FirstDelta | null;
  first_text: number | null;
  deltas: number;
  characters: number;
  rate: number | null;
  longest_gap: Gap | null;
  thinned: boolean;
  steps: StepFigures[];
}
export interface FirstDelta {
  at: number;
  before: number;
  own: number;
  step: number;
}
export interface Gap {
  seconds: number;
  at: number;
  step: number;
  delta: number;
}
export interface StepFigures {
  step: number;
  action: string;
  start: number;
  end: number | null;
  status: "done" | "failed" | "running" | "stopped";
  streaming: boolean;
  first_delta: number | null;
  deltas: number;
  characters: number;
  thinned: boolean;
}
export interface LaneFrame {
  seq: number;
  first: number;
  last: number;
  sent: number;
  received: number | null;
  painted: number | null;
}
export interface SavedChat {
  format: number;
  version: string;
  time: number;
  view: View;
  left_out: number;
  turns: SavedTurn[];
  steps: SavedStep[];
}
export interface SavedTurn {
  key: string;
  events: (
    | TurnStarted
    | StepStarted
    | Text
    | TextReplaced
    | PartDelta
    | MessageAdded
    | SpanStarted
    | SpanFinished
    | AttributesLogged
    | StateChanged
    | StepFinished
    | TransitionTaken
    | TurnPaused
    | TurnResumed
    | Notice
    | TurnCompleted
    | TurnStopped
    | TurnFailed
    | ComposerChanged
    | ControlsChanged
    | BranchesChanged
    | Accepted
    | Refused
  )[];
  frames: FrameSent[];
}
export interface SavedStep {
  step: number | null;
  places: SavedPlace[];
}
export interface SavedPlace {
  what: "given" | "inputs" | "result" | "state";
  path: number[];
  rows: Row[];
  text: string | null;
  more: number;
}
