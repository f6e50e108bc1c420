// What stepping asks of the kernel. Each command is sent until it is answered.
import type { ChatActions } from "../chat/outgoing";
import type { Breakpoint, Edit, FramePainted } from "../protocol.gen";
import type { Asked, Store } from "../store/store";
import type { Connection } from "../transport/connection";
import type { Questions } from "../transport/questions";

export interface StepActions extends Questions {
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
  /** Hold the running action's generator for so many seconds at each delta. */
  setPace(seconds: number): string;
  /** Let the model's next answer go wrong in that way, one of the session's faults. */
  setFault(fault: string | null): string;
  /** When frames were received and painted, on the kernel's clock. */
  tellPainted(frames: FramePainted[]): void;
}

/** All that a view can ask for. */
export type ViewActions = ChatActions & StepActions;

export function stepActions(
  connection: Pick<Connection, "client" | "send">,
  store: Store,
  questions: Questions,
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
    setPace: (seconds) => ask((request) => ({ type: "set-pace", client, request, seconds })),
    setFault: (fault) => ask((request) => ({ type: "set-fault", client, request, fault })),
    tellPainted: (frames) => connection.send({ type: "painted", client, frames }),
    ...questions,
  };
}
