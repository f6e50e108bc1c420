// A channel with nobody at the other end: what a page asks was answered when the chat was saved.
import type {
  Command,
  Inspect,
  Inspected,
  KernelMessage,
  Logged,
  SavedChat,
  SavedPlace,
  SavedStep,
  View,
} from "../protocol.gen";
import type { Channel } from "../transport/channel";

type Listener = (message: KernelMessage, buffers: readonly DataView[]) => void;

/** The name by which the views know that nothing runs. */
const RECORDING = "saved chat";

export function createSavedChannel(chat: SavedChat): Channel {
  const listeners: Listener[] = [];
  const steps = new Map(chat.steps.map((step) => [step.step, placesOf(step)]));
  const view: View = {
    ...chat.view,
    session: { ...chat.view.session, recording: chat.view.session.recording ?? RECORDING },
  };

  function answer(command: Command): KernelMessage | null {
    switch (command.type) {
      case "hello":
        return { type: "snapshot", seq: 0, client: command.client, view };
      case "log": {
        const turn = chat.turns.find(({ key }) => key === command.turn);
        const logged: Logged = { ...asked(command), type: "logged", events: [], first: 0, more: false, frames: [] };
        if (turn === undefined) return { ...logged, error: "What was told of this turn is not in what was saved." };
        // All that there is comes at once.
        return command.start > 0 ? logged : { ...logged, events: turn.events, frames: turn.frames };
      }
      case "inspect":
        return inspect(command);
      default:
        return null; // an ack, or what nobody can carry out
    }
  }

  function inspect(command: Inspect): Inspected {
    const { step, what, path, start, branch, against } = command;
    const inspected: Inspected = { ...asked(command), type: "inspected", rows: [], text: null, start, more: 0 };
    const isHere = (branch === null || branch === view.branch) && against === null;
    const places = isHere ? steps.get(step) : undefined;
    const place = start === 0 ? places?.get(nameOf(what, path)) : undefined;
    if (places === undefined || place === undefined) return { ...inspected, error: "This is not in what was saved." };
    const { text, more } = place;
    return {
      ...inspected,
      rows: place.rows.map((row, at) => openable(row, places.has(nameOf(what, [...path, at])))),
      text,
      more,
    };
  }

  return {
    send(command) {
      const message = answer(command);
      if (message === null) return;
      // Never before `send` returns, as with any other channel.
      queueMicrotask(() => {
        for (const listener of listeners) listener(message, []);
      });
    },
    onMessage: (listener) => listeners.push(listener),
    onLost() {},
  };
}

const asked = ({ client, request }: { client: string; request: string }) => ({ client, request, error: null });

function placesOf({ places }: SavedStep): Map<string, SavedPlace> {
  return new Map(places.map((place) => [nameOf(place.what, place.path), place]));
}

function nameOf(what: string, path: readonly number[]): string {
  return [what, ...path].join(" ");
}

/** A row that says how much is in it is offered to be opened. */
function openable(row: SavedPlace["rows"][number], is: boolean): SavedPlace["rows"][number] {
  return is ? row : { ...row, rows: 0, length: null };
}
