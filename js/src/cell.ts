// What the cell of a chat shows: the views that the reader's settings name, side by side, in that order.
import { computed, effect, untracked } from "@preact/signals";
import { mountView, type ViewContext, type ViewName } from "./views";

/** Show them in `el` until `signal` aborts, where it has not yet; one that is there already stays as it is when others come or go. */
export function showViews(el: HTMLElement, signal: AbortSignal, context: ViewContext): void {
  if (signal.aborted) return;
  const layout = document.createElement("div");
  layout.className = "bcw-side-by-side";
  el.append(layout);
  const shown = new Map<ViewName, AbortController>();
  const names = computed(() => context.store.settings.value.views.join());

  function show(wanted: readonly ViewName[]): void {
    for (const [view, leaving] of shown) {
      if (wanted.includes(view)) continue;
      shown.delete(view);
      leaving.abort();
    }
    for (const [at, view] of wanted.entries()) {
      if (shown.has(view)) continue;
      const leaving = new AbortController();
      shown.set(view, leaving);
      mountView(view, layout, leaving.signal, context);
      // What was there keeps its place, and with it the focus and where it is scrolled to.
      const root = layout.lastElementChild;
      if (root !== null) layout.insertBefore(root, layout.children[at] ?? null);
    }
  }

  const stop = effect(() => {
    const wanted = names.value.split(",") as ViewName[];
    untracked(() => show(wanted));
  });
  signal.addEventListener("abort", () => {
    stop();
    show([]);
  });
}
