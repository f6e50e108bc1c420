// Says that a view shows the past, and leads back to now.
import { useComputed } from "@preact/signals";
import { isComposing } from "./chat/keyboard";
import { progressOf, type Store } from "./store/store";

export function PastBanner({ store }: { store: Store }) {
  const past = store.past.value;
  const isNew = useComputed(() => {
    const { value } = store.view;
    return value !== null && store.past.value !== null && progressOf(value) !== store.past.value.since;
  }).value;
  if (past === null) return null;
  const { step, action } = past.step;
  const back = (event: MouseEvent) => {
    // The button is about to go: without this the focus would fall back to the notebook.
    const root = (event.currentTarget as Element).closest(".bcw");
    const next = root?.querySelector("textarea") ?? root?.querySelector<HTMLElement>("[tabindex='0']");
    next?.focus({ preventScroll: true });
    store.past.value = null;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div class="bcw-past" role="group" aria-label="The past">
      <p aria-live="polite">
        <b>The past:</b> after step {step}, {action}.{isNew && " Something new has come since."}
      </p>
      <button type="button" class="bcw-control" aria-keyshortcuts="Escape" onClick={back}>
        Back to now
      </button>
    </div>
  );
}

/** Escape leads back to now, where nothing inside `root` has taken it, until `signal` aborts. */
export function leaveOnEscape(root: HTMLElement, store: Store, signal: AbortSignal): void {
  root.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || isComposing(event)) return;
      store.past.value = null;
    },
    { signal },
  );
}
