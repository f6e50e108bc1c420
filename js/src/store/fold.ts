// The fold: a view and an event make the next view. Pure: what an event does not touch keeps its identity, so that a
// component compares by `===`. src/burr_chat_widget/protocol/fold.py is the same function; tests/interop holds the two together.
import type { Frame, Message, Node, Span, Step, StepStarted, TransitionTaken, View } from "../protocol.gen";
import { addMessage, closeMessages, newMessage, openCall, updateMessage, updateStreaming } from "./messages";
import { counted } from "./past";

/** So many answered commands are remembered: a page looks for its own soon after it asked. */
const REQUESTS = 16;

export type WireEvent = Frame["events"][number];

export function fold(view: View, event: WireEvent): View {
  switch (event.type) {
    case "turn-started": {
      const kept = event.replaces === null ? view : withoutTurn(view, event.replaces);
      const { turn, prompt, request, siblings, editable, monotonic: started } = event;
      return {
        ...kept,
        status: "running",
        turns: [
          ...kept.turns,
          { key: turn, status: "running", started, prompt, request, siblings, editable, ended: null },
        ],
        nodes: markNext(
          mapNodes(kept.nodes, (node) => withStatus(node, "idle")),
          event.next_action,
        ),
        messages:
          prompt === null
            ? kept.messages
            : [...kept.messages, newMessage({ key: `${turn}:prompt`, turn, role: "user", text: prompt })],
      };
    }
    case "step-started": {
      const nodes = markNext(view.nodes, null);
      const visits = node(nodes, event.action).visits + 1;
      return {
        ...view,
        steps: [...view.steps, newStep(event)],
        nodes: { ...nodes, [event.action]: { status: "running", visits } },
      };
    }
    case "text": {
      const step = findStep(view, event.step);
      const thinned = step.thinned || event.thinned === true;
      return updateStreaming(
        updateStep(view, step, { marks: step.marks + event.marks, thinned }),
        step,
        "text",
        "text",
        (message) => ({ ...message, text: message.text + event.text }),
      );
    }
    case "text-replaced":
      return updateStreaming(view, findStep(view, event.step), "text", "text", (message) => ({
        ...message,
        text: event.text,
        revision: message.revision + 1,
      }));
    case "part-delta": {
      const { part, kind, text, keep, tail, times, name, call } = event;
      return updateStreaming(view, findStep(view, event.step), part, kind, (message) => ({
        ...message,
        kind,
        name: name || message.name,
        call: call || message.call,
        text:
          keep === null
            ? message.text + text
            : message.text.slice(0, keep) + text + (tail === 0 ? "" : message.text.slice(-tail)),
        revision: keep === null ? message.revision : message.revision + times,
      }));
    }
    case "message-added": {
      const { role, text, kind, name, call } = event;
      const open = kind === "tool-result" ? openCall(view, event.turn, call) : -1;
      return open >= 0
        ? updateMessage(view, open, (message) => ({ ...message, result: text }))
        : addMessage(view, event.turn, findStep(view, event.step), { role, text, kind, name, call });
    }
    case "span-started": {
      const { span, kind, name, parent, given, monotonic: started } = event;
      const step = findStep(view, event.step);
      return updateStep(view, step, {
        spans: [...step.spans, newSpan({ span, kind, name, parent, given, started })],
      });
    }
    case "span-finished": {
      const { status, duration, deltas, changes, error } = event;
      const step = findStep(view, event.step);
      return updateStep(view, step, updateSpan(step, event.span, { status, duration, deltas, changes, error }));
    }
    case "attributes-logged": {
      const step = findStep(view, event.step);
      const held = event.span === null ? step : findSpan(step, event.span);
      const attributes = { ...held.attributes, ...event.attributes };
      return updateStep(
        view,
        step,
        event.span === null ? { attributes } : updateSpan(step, event.span, { attributes }),
      );
    }
    case "state-changed":
      return updateStep(view, findStep(view, event.step), { changes: event.changes });
    case "step-finished": {
      const { status, duration, first_delta, deltas, action } = event;
      const next = updateStep(view, findStep(view, event.step), { status, duration, first_delta, deltas });
      return {
        ...next,
        nodes: finishNode(next.nodes, action, status),
        messages: closeMessages(next.messages, event.turn, status),
      };
    }
    case "turn-paused": {
      const { at, reason, breakpoint, after, next_action, needs, conditions, error } = event;
      return {
        ...view,
        status: "paused",
        held: { at, reason, breakpoint, after, next_action, needs, conditions, error },
        nodes: at === "action" ? markNext(view.nodes, next_action) : view.nodes,
      };
    }
    case "turn-resumed":
      return { ...view, status: "running", held: null };
    case "transition-taken":
      return {
        ...updateStep(view, findStep(view, event.step), { decision: event }),
        taken: countTaken(view, event),
        decisions: [...view.decisions.filter((d) => d.from_action !== event.from_action), event],
        nodes: markNext(view.nodes, event.to_action),
      };
    case "notice": {
      const index =
        event.step === null ? -1 : view.messages.findLastIndex((m) => m.turn === event.turn && m.step === event.step);
      if (index >= 0) {
        return updateMessage(view, index, (m) => ({ ...m, notices: [...m.notices, event.text] }));
      }
      const step = event.step === null ? null : findStep(view, event.step);
      return addMessage(view, event.turn, step, { role: "assistant", text: event.text, kind: "notice" });
    }
    case "turn-completed":
      return endTurn(view, event, "completed", "done");
    case "turn-stopped": {
      const ended = endTurn(view, event, "stopped", "stopped");
      return ended.messages.some((m) => m.turn === event.turn && m.status === "stopped")
        ? ended
        : addMessage(ended, event.turn, null, { role: "assistant", status: "stopped" });
    }
    case "turn-failed": {
      let next = endTurn(view, event, "failed", "failed");
      const { error } = event;
      const failed = (m: Message) => m.turn === event.turn && m.status === "failed";
      if (!next.messages.some(failed)) {
        next = addMessage(next, event.turn, null, { role: "assistant", status: "failed" });
      }
      next = updateMessage(next, next.messages.findLastIndex(failed), (m) => ({
        ...m,
        error,
        action: m.action || error.action,
      }));
      const at = error.action === null ? undefined : next.nodes[error.action];
      return error.action === null || at === undefined
        ? next
        : { ...next, nodes: { ...next.nodes, [error.action]: withStatus(at, "failed") } };
    }
    case "composer-changed": {
      const { composer } = event;
      const startsAgain = view.composer.ended && !composer.ended;
      return { ...view, composer, nodes: startsAgain ? markNext(view.nodes, composer.action) : view.nodes };
    }
    case "controls-changed":
      return {
        ...view,
        pausing: event.pausing,
        breakpoints: event.breakpoints,
        pace: event.pace,
        fault: event.fault,
      };
    case "branches-changed":
      return { ...view, branches: event.branches };
    case "accepted":
      return { ...view, accepted: [...view.accepted, event.request].slice(-REQUESTS) };
    case "refused": {
      const { request, reason, fields } = event;
      return { ...view, refused: [...view.refused, { request, reason, fields }].slice(-REQUESTS) };
    }
    default:
      return unknown(event);
  }
}

function unknown(event: never): never {
  throw new Error(`unknown event ${JSON.stringify(event)}: the page and the kernel are of different versions`);
}

function node(nodes: View["nodes"], name: string): Node {
  const found = nodes[name];
  if (found === undefined) throw new Error(`no action ${JSON.stringify(name)} in the view`);
  return found;
}

function withStatus(node: Node, status: Node["status"]): Node {
  return node.status === status ? node : { ...node, status };
}

function mapNodes(nodes: View["nodes"], change: (node: Node) => Node): View["nodes"] {
  return Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, change(node)]));
}

function markNext(nodes: View["nodes"], action: string | null): View["nodes"] {
  const cleared = mapNodes(nodes, (n) => (n.status === "next" ? withStatus(n, "idle") : n));
  return action === null ? cleared : { ...cleared, [action]: withStatus(node(cleared, action), "next") };
}

function countTaken(view: View, event: TransitionTaken): number[] {
  const taken = [...view.taken];
  let outgoing = 0;
  view.graph.transitions.forEach((transition, index) => {
    if (transition.from_action !== event.from_action) return;
    if (event.conditions[outgoing]?.taken) taken[index] = (taken[index] ?? 0) + 1;
    outgoing += 1;
  });
  return taken;
}

function finishNode(nodes: View["nodes"], action: string, status: "done" | "stopped" | "failed"): View["nodes"] {
  return { ...nodes, [action]: withStatus(node(nodes, action), status === "stopped" ? "idle" : status) };
}

function newStep({ turn, step, action, monotonic: started, streaming, inputs }: StepStarted): Step {
  return {
    turn,
    step,
    action,
    started,
    streaming,
    inputs,
    status: "running",
    duration: null,
    first_delta: null,
    deltas: 0,
    changes: [],
    decision: null,
    spans: [],
    attributes: {},
    marks: "",
    thinned: false,
    by_hand: [],
  };
}

function newSpan(begun: Pick<Span, "span" | "kind" | "name" | "parent" | "given" | "started">): Span {
  return { ...begun, status: "running", duration: null, deltas: 0, changes: [], attributes: {}, error: null };
}

function findSpan(step: Step, number: number): Span {
  const span = step.spans.findLast((s) => s.span === number);
  if (span === undefined) throw new Error(`no span ${number} in step ${step.step}`);
  return span;
}

function updateSpan(step: Step, number: number, change: Partial<Span>): Pick<Step, "spans"> {
  const found = findSpan(step, number);
  return { spans: step.spans.map((span) => (span === found ? { ...span, ...change } : span)) };
}

function findStep(view: View, number: number): Step {
  const step = view.steps.findLast((s) => s.step === number);
  if (step === undefined) throw new Error(`no step ${number} in the view`);
  return step;
}

function updateStep(view: View, step: Step, change: Partial<Step>): View {
  const steps = [...view.steps];
  steps[view.steps.lastIndexOf(step)] = { ...step, ...change };
  return { ...view, steps };
}

function endTurn(
  view: View,
  event: { turn: string; monotonic: number; next_action: string | null },
  status: "completed" | "stopped" | "failed",
  rest: "done" | "stopped" | "failed",
): View {
  if (!view.turns.some((t) => t.key === event.turn)) throw new Error(`no turn ${event.turn} in the view`);
  const open = (step: Step) => step.turn === event.turn && step.status === "running";
  const nodes = view.steps.filter(open).reduce((all, step) => finishNode(all, step.action, rest), view.nodes);
  return {
    ...view,
    status: "idle",
    held: null,
    turns: view.turns.map((t) => (t.key === event.turn ? { ...t, status, ended: event.monotonic } : t)),
    steps: view.steps.some(open) ? view.steps.map((s) => (open(s) ? { ...s, status: rest } : s)) : view.steps,
    messages: closeMessages(view.messages, event.turn, rest),
    nodes: markNext(nodes, event.next_action),
  };
}

function withoutTurn(view: View, turn: string): View {
  const dropped = view.turns.find((t) => t.key === turn);
  if (dropped === undefined) return view;
  const turns = view.turns.filter((t) => t.key !== turn);
  const steps = view.steps.filter((s) => s.turn !== turn);
  const messages = view.messages.filter((m) => m.turn !== turn);
  // It was carried out all the same, and nothing cut it off.
  const accepted = [...view.accepted, ...(dropped.request === null ? [] : [dropped.request])].slice(-REQUESTS);
  return { ...view, turns, steps, messages, accepted, ...counted(view, steps, turns.at(-1)?.key ?? "") };
}
