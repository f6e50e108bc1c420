import type { Store } from "../store/store";
import { ControlNote, Controls } from "./Controls";
import type { Control } from "./control";
import { ASKS, heldWords, reasonWords } from "./words";

/** In the chat, while its turn is held: where, and the ways on. */
export function HeldBar({ store, control }: { store: Store; control: Control }) {
  const held = store.view.value?.held ?? null;
  if (held === null || store.connection.value === "lost") return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div class="bcw-held" role="group" aria-label="Held">
      <p class="bcw-held-where">
        <b>{heldWords(held)}</b> <span>{store.quiz.value?.asks.value ? ASKS : reasonWords(held)}</span>
      </p>
      {control.offered.value && (
        <>
          <Controls control={control} held label="Stepping" />
          <ControlNote control={control} />
        </>
      )}
    </div>
  );
}
