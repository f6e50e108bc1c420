import { batch, effect, type Signal, useComputed } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { hasFocus } from "../focus";
import type { View } from "../protocol.gen";
import type { Settings } from "../settings";
import type { Store } from "../store/store";
import { Form, Options } from "./Form";
import { breakLine, isComposing, meansOfEnter } from "./keyboard";
import type { Outgoing } from "./outgoing";
import { useName } from "./useName";
import { connectionOf, runningTurn, statusWords } from "./words";

export interface ComposerProps {
  store: Store;
  outgoing: Outgoing;
  /** Called when the reader has asked for a turn. */
  onSaid(): void;
  /** Called when the focus belongs to the composer again. */
  focus(): void;
  area: RefObject<HTMLTextAreaElement | null>;
}

/** Where a person writes: the text, the button that sends or stops, what is queued, why nothing can be sent. */
export function Composer({ store, outgoing, onSaid, focus, area }: ComposerProps) {
  const closed = outgoing.closed.value;
  const busy = outgoing.busy.value;
  const takesText = outgoing.takesText.value;
  const composer = useComputed(() => store.view.value?.composer ?? null).value;
  // While a turn runs nobody knows what will be asked next.
  const running = useComputed(() => runningTurn(store.view.value) !== undefined).value;
  const root = useRef<HTMLDivElement>(null);
  const askId = useName();
  const fields = closed === null && !running ? (composer?.fields ?? []) : [];
  // A text's question stays where it is, at rest, so that nothing jumps under the reader's hands.
  const ask = closed === null && (!running || takesText) ? (composer?.ask ?? null) : null;
  useFirstWrong(root, outgoing);

  const submit = () => {
    // In one go: where the kernel turns out to be gone, what was given is the draft again.
    const isSaid = batch(() => {
      if (!outgoing.submit(outgoing.draft.peek())) return false;
      outgoing.draft.value = "";
      return true;
    });
    if (isSaid) onSaid();
  };
  const run = () => {
    outgoing.run();
    onSaid();
  };

  return (
    <div ref={root} class="bcw-composer">
      {ask !== null && (
        // Of an action that takes nothing it says what it does, and asks nothing.
        <p id={askId} class="bcw-ask" dir="auto" data-rests={running || (!takesText && fields.length === 0)}>
          {ask}
        </p>
      )}
      {fields.length > 0 &&
        (takesText ? (
          <Options outgoing={outgoing} fields={fields} />
        ) : (
          <Form outgoing={outgoing} fields={fields} submit={run} label={composer?.action ?? "Form"} />
        ))}
      <Queue outgoing={outgoing} focus={focus} />
      <Note store={store} outgoing={outgoing} />
      <div class="bcw-composer-row" data-closed={closed !== null} data-bare={!takesText}>
        {takesText ? (
          <MessageArea
            store={store}
            outgoing={outgoing}
            submit={submit}
            askId={ask === null ? undefined : askId}
            area={area}
          />
        ) : (
          <span class="bcw-composer-hint">{rowWords(composer, running)}</span>
        )}
        {busy && takesText && closed === null && <QueueButton draft={outgoing.draft} submit={submit} />}
        <PrimaryButton store={store} outgoing={outgoing} submit={submit} run={run} focus={focus} />
      </div>
      <div class="bcw-footer">
        <StatusLine store={store} />
        {takesText && closed === null && (
          <span class="bcw-keys" aria-hidden="true">
            {keyWords(store.settings.value.sendKey, busy)}
          </span>
        )}
      </div>
    </div>
  );
}

function keyWords(sendKey: Settings["sendKey"], busy: boolean): string {
  if (busy) return `${sendKey} queues · Esc stops`;
  return sendKey === "Enter" ? "Enter sends · Shift+Enter breaks the line" : "Ctrl+Enter sends · Enter breaks the line";
}

function rowWords(composer: View["composer"] | null, running: boolean): string {
  if (running || composer === null) return "";
  if (composer.ended) return "Starting again keeps its state.";
  if (composer.fields.some((field) => field.required)) return "Ctrl+Enter sends";
  return composer.fields.length > 0 ? "" : "The next step takes no message.";
}

/** When something is wrong with what was sent, the first such field gets the focus, if the reader is still here. */
function useFirstWrong(root: RefObject<HTMLDivElement | null>, outgoing: Outgoing): void {
  const wrong = outgoing.errors.value;
  const told = useRef(wrong);
  useLayoutEffect(() => {
    const isNew = told.current !== wrong && outgoing.refusal.peek() !== null;
    told.current = wrong;
    const chat = root.current?.closest(".bcw-chat");
    if (!isNew || Object.keys(wrong).length === 0 || !hasFocus(chat)) return;
    root.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [wrong]);
}

function StatusLine({ store }: { store: Store }) {
  return (
    <span class="bcw-status" role="status" aria-live="polite">
      {statusWords(store)}
    </span>
  );
}

/** One button in one place, so that the focus survives when Stop becomes Send. */
function PrimaryButton({
  store,
  outgoing,
  submit,
  run,
  focus,
}: Pick<ComposerProps, "store" | "outgoing" | "focus"> & { submit(): void; run(): void }) {
  const takesText = outgoing.takesText.value;
  const closed = outgoing.closed.value !== null;
  const stops = outgoing.busy.value && store.connection.value !== "lost";
  const composer = store.view.value?.composer;
  const asks = takesText || composer?.fields.some((field) => field.required) === true;
  const ended = composer?.ended === true && !stops && store.connection.value !== "lost";
  const ready = takesText ? outgoing.draft.value.trim() !== "" : store.connection.value === "live";
  const name = stops ? "Stop" : ended ? "Start again" : asks ? "Send" : "Run";
  const stopping = store.stopping.value !== null || outgoing.stopAsked.value;
  const disabled = stops ? stopping : ended ? !ready : closed || !ready;
  const act = () => {
    if (disabled) return;
    if (stops) outgoing.stop();
    else if (ended) outgoing.startAgain();
    else if (takesText) submit();
    else run();
    focus();
  };
  return (
    <button
      type="button"
      class="bcw-primary"
      data-does={name.toLowerCase().replace(" ", "-")}
      aria-disabled={disabled}
      // The chat grows with the answer, and Stop moves: what was pressed on it counts wherever it is by then.
      onPointerDown={(event) => stops && event.currentTarget.setPointerCapture(event.pointerId)}
      onClick={act}
    >
      <Icon name={name} />
      <span>{name}</span>
    </button>
  );
}

function Icon({ name }: { name: "Send" | "Stop" | "Run" | "Start again" }) {
  const path = {
    Send: "M8 13V3M3.5 7.5 8 3l4.5 4.5",
    Stop: "M4 4h8v8H4z",
    Run: "M5 3l8 5-8 5z",
    "Start again": "M5 3l8 5-8 5z",
  }[name];
  return (
    <svg class="bcw-icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} fill={name === "Send" ? "none" : "currentColor"} />
    </svg>
  );
}

/** The way to queue for those who do not press Enter. */
function QueueButton({ draft, submit }: { draft: Signal<string>; submit(): void }) {
  if (draft.value.trim() === "") return null;
  return (
    <button type="button" class="bcw-quiet-button" onClick={submit}>
      Queue
    </button>
  );
}

function Queue({ outgoing, focus }: Pick<ComposerProps, "outgoing" | "focus">) {
  const queue = outgoing.queue.value;
  if (queue.length === 0) return null;
  const unqueue = (index: number, edit: boolean) => {
    outgoing.unqueue(index, edit);
    focus();
  };
  return (
    <ul class="bcw-queue" aria-label="Queued">
      {queue.map((text, index) => (
        <li key={`${index}:${text}`} class="bcw-queued">
          <span class="bcw-queued-label">Queued</span>
          <span class="bcw-queued-text" dir="auto" title={text}>
            {text}
          </span>
          {outgoing.takesText.value && (
            <button type="button" class="bcw-quiet-button" onClick={() => unqueue(index, true)}>
              Take back
            </button>
          )}
          <button type="button" class="bcw-quiet-button" onClick={() => unqueue(index, false)}>
            Cancel
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Why something was not done, or cannot be. */
function Note({ store, outgoing }: Pick<ComposerProps, "store" | "outgoing">) {
  const lost = store.connection.value === "lost";
  const refusal = lost ? null : outgoing.refusal.value;
  const busy =
    connectionOf(store) === "waiting" &&
    `${store.peer.busy} You can go on typing; what you send waits until it answers.`;
  return (
    <div class="bcw-note" data-level={lost || refusal !== null ? "warning" : "info"} aria-live="polite">
      {refusal ?? outgoing.closed.value ?? busy}
      {lost && outgoing.unsent.value && <span> Not sent: the message below.</span>}
    </div>
  );
}

function MessageArea({
  store,
  outgoing,
  submit,
  askId,
  area,
}: Pick<ComposerProps, "store" | "outgoing" | "area"> & { submit(): void; askId: string | undefined }) {
  /** How far back the reader is in the earlier prompts; null when not there. */
  const recalled = useRef<number | null>(null);
  const closed = outgoing.closed.value !== null;

  // At once, not in the next frame as `useSignalEffect` would: keys typed until then would join a text that was sent.
  useLayoutEffect(
    () =>
      effect(() => {
        const draft = outgoing.draft.value;
        const element = area.current;
        if (element === null) return;
        if (draft === "") recalled.current = null;
        if (element.value !== draft) element.value = draft;
        fit(element);
      }),
    [outgoing],
  );

  const recall = (event: KeyboardEvent, by: 1 | -1) => {
    const prompts = (store.view.peek()?.turns ?? []).flatMap((turn) => turn.prompt || []).reverse();
    const at = recalled.current;
    const unchanged = at === null ? outgoing.draft.peek() === "" : outgoing.draft.peek() === prompts[at];
    if (!unchanged) return;
    const next = (at ?? -1) + by;
    if (next >= prompts.length || (at === null && by < 0)) return;
    event.preventDefault();
    recalled.current = next < 0 ? null : next;
    outgoing.draft.value = prompts[next] ?? "";
  };

  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }) => {
    if (isComposing(event)) return;
    const enter = meansOfEnter(event, store.settings.peek().sendKey);
    if (enter !== null) {
      event.preventDefault();
      if (enter === "send") submit();
      else if (!closed) breakLine(event.currentTarget);
    } else if (closed || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    else if (event.key === "ArrowUp") recall(event, 1);
    else if (event.key === "ArrowDown") recall(event, -1);
  };

  return (
    <textarea
      ref={area}
      class="bcw-input"
      aria-label="Message"
      rows={1}
      dir="auto"
      placeholder={closed ? "" : askId === undefined ? "Write a message" : "Write an answer"}
      aria-describedby={askId}
      // Not `disabled`: that would throw the focus, and the keys that follow, back to the notebook.
      readOnly={closed}
      aria-disabled={closed}
      onKeyDown={onKeyDown}
      onInput={(event) => {
        outgoing.draft.value = event.currentTarget.value;
      }}
    />
  );
}

/** As high as its text, where the style sheet's `field-sizing` is not understood. */
function fit(area: HTMLTextAreaElement): void {
  if (globalThis.CSS?.supports?.("field-sizing", "content")) return;
  area.style.height = "auto";
  if (area.scrollHeight > 0) area.style.height = `${area.scrollHeight}px`;
}
