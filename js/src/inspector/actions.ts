// What stepping asks of the kernel. Each command is sent until it is answered.
import type { ChatActions } from "../chat/outgoing";
import type { Breakpoint, Edit } from "../protocol.gen";
import type { Asked, Store } from "../store/store";
import type { Connection } from "../transport/connection";
import type { InspectStep } from "../transport/inspect";

export interface StepActions {
  /** Let the held turn go on, or begin one without inputs; returns the request's name, as all of them do. */
  resume(): string;
  step(): string;
  stepDelta(): string;
  /** Go back to where the application was after that step of the branch that is shown, with changes of its state. */
  rewind(step: number, edits: Edit[]): string;
  /** Go on from there in another branch. */
  fork(step: number, edits: Edit[]): string;
  /** Hold before the next action; with `off`, do not. */
  pause(off: boolean): string;
  setBreakpoint(action: string, when: Breakpoint["when"], off: boolean): string;
  inspect: InspectStep;
}

/** All that a view can ask for. */
export type ViewActions = ChatActions & StepActions;

export function stepActions(
  connection: Pick<Connection, "client" | "send">,
  store: Store,
  inspect: InspectStep,
  newName: () => string,
): StepActions {
  const { client } = connection;
  const ask = (make: (request: string) => Asked): string => {
    const command = make(newName());
    store.ask(command);
    connection.send(command);
    return command.request;
  };
  const shown = () => store.view.peek()?.branch ?? null;
  return {
    resume: () => ask((request) => ({ type: "resume", client, request })),
    step: () => ask((request) => ({ type: "step-action", client, request })),
    stepDelta: () => ask((request) => ({ type: "step-delta", client, request })),
    rewind: (step, edits) => ask((request) => ({ type: "rewind", client, request, step, branch: shown(), edits })),
    fork: (step, edits) => ask((request) => ({ type: "fork", client, request, step, branch: shown(), edits })),
    pause: (off) => ask((request) => ({ type: "pause", client, request, off })),
    setBreakpoint: (action, when, off) =>
      ask((request) => ({ type: "set-breakpoint", client, request, action, when, off })),
    inspect,
  };
}
