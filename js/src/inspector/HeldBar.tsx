import type { Store } from "../store/store";
import type { ViewActions } from "./actions";
import { ControlNote, Controls } from "./Controls";
import { controlOf } from "./control";
import { heldWords, reasonWords } from "./words";
import "./controls.css";

/** In the chat, while its turn is held: where, and the ways on. */
export function HeldBar({ store, actions }: { store: Store; actions: ViewActions }) {
  const held = store.view.value?.held ?? null;
  if (held === null || store.connection.value === "lost") return null;
  const control = controlOf(store, actions);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div class="bcw-held" role="group" aria-label="Held">
      <p class="bcw-held-where">
        <b>{heldWords(held)}</b> <span>{reasonWords(held)}</span>
      </p>
      <Controls control={control} held label="Stepping" />
      <ControlNote control={control} />
    </div>
  );
}
