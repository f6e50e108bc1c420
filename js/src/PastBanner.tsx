// Says that a view shows the past, and leads back to now.
import { isComposing } from "./chat/keyboard";
import type { Store } from "./store/store";

export function PastBanner({ store }: { store: Store }) {
  const past = store.past.value;
  if (past === null) return null;
  const { step, replay } = past;
  const back = (event: MouseEvent) => {
    // The button is about to go: without this the focus would fall back to the notebook.
    const root = (event.currentTarget as Element).closest(".bcw");
    const next = root?.querySelector("textarea") ?? root?.querySelector<HTMLElement>("[tabindex='0']");
    next?.focus({ preventScroll: true });
    store.past.value = null;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div class="bcw-held bcw-past" role="group" aria-label="The past">
      {/* Where a replay is changes too often to be read aloud. */}
      <p class="bcw-held-where" aria-live={replay ? "off" : "polite"}>
        {replay ? (
          <b>{replay.words}</b>
        ) : (
          <>
            <b>The past:</b> after step {step.step}, {step.action}.
          </>
        )}
        {past.isNew.value && " Something new has come since."}
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
