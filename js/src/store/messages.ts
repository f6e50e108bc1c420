// What the fold does to the messages of the transcript.
import type { Message, Step, View } from "../protocol.gen";

export function newMessage(given: Partial<Message> & Pick<Message, "key" | "turn" | "role">): Message {
  return {
    text: "",
    kind: "text",
    name: null,
    call: null,
    result: null,
    status: "done",
    action: null,
    step: null,
    revision: 0,
    error: null,
    notices: [],
    ...given,
  };
}

export function updateMessage(view: View, index: number, change: (message: Message) => Message): View {
  const messages = [...view.messages];
  const message = messages[index];
  if (message === undefined) throw new Error(`no message ${index} in the view`);
  messages[index] = change(message);
  return { ...view, messages };
}

/** Where the call of the turn is whose result is told, -1 when there is none. */
export function openCall(view: View, turn: string, call: string | null): number {
  return view.messages.findLastIndex(
    (m) => (m.turn === turn || call !== null) && m.kind === "tool-call" && m.call === call && m.result === null,
  );
}

/** Change the message that a part of the step's answer streams into, made at its first delta. Another part ends a thought. */
export function updateStreaming(
  view: View,
  step: Step,
  part: string,
  kind: string,
  change: (message: Message) => Message,
): View {
  const key = `${step.turn}:${step.step}:${part}`;
  const index = view.messages.findLastIndex((m) => m.key === key);
  if (index >= 0) return updateMessage(view, index, change);
  const message = newMessage({
    key,
    turn: step.turn,
    role: "assistant",
    kind,
    status: "streaming",
    action: step.action,
    step: step.step,
  });
  const thinks = (m: Message) =>
    m.turn === step.turn && m.step === step.step && m.kind === "reasoning" && m.status === "streaming";
  const others = view.messages.map((m) => (thinks(m) ? { ...m, status: "done" as const } : m));
  return { ...view, messages: [...others, change(message)] };
}

export function addMessage(
  view: View,
  turn: string,
  step: Step | null,
  given: Partial<Message> & Pick<Message, "role">,
): View {
  const number = view.messages.filter((m) => m.turn === turn).length;
  const message = newMessage({
    ...given,
    key: `${turn}:${number}`,
    turn,
    action: step?.action ?? null,
    step: step?.step ?? null,
  });
  return { ...view, messages: [...view.messages, message] };
}

export function closeMessages(messages: Message[], turn: string, status: Message["status"]): Message[] {
  const open = (m: Message) => m.turn === turn && m.status === "streaming";
  return messages.some(open) ? messages.map((m) => (open(m) ? { ...m, status } : m)) : messages;
}
