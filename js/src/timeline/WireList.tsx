// A long list of which only what is in sight is made. Its rows are options of a listbox: one is active, and some are marked.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { useName } from "../chat/useName";
import type { Range } from "./wireRows";

export interface WireListProps {
  name: string;
  count: number;
  /** Of each row, in pixels. */
  height: number;
  row(index: number): ComponentChildren;
  /** The row that the keys are at, null for none. */
  active: number | null;
  /** The rows that are marked, those of a choice in another list too; they are brought into sight when they change. */
  marked: Range | null;
  choose(index: number): void;
  /** To the list on the left or on the right. */
  leave(by: -1 | 1): void;
}

/** So many rows are made above and below those in sight. */
const SPARE = 6;
/** What the box is taken to be high before it is known, in pixels. */
const HEIGHT = 300;

export function WireList({ name, count, height, row, active, marked, choose, leave }: WireListProps) {
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const room = useSignal(HEIGHT);
  const id = useName();

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const watch = new ResizeObserver(() => {
      room.value = element.clientHeight || HEIGHT;
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [room]);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || marked === null) return;
    const at = active !== null && active >= marked.from && active < marked.to ? active : marked.from;
    const seen = element.clientHeight || HEIGHT;
    const above = at * height;
    const inSight = above >= element.scrollTop && above + height <= element.scrollTop + seen;
    if (!inSight) element.scrollTop = Math.max(0, above - (seen - height) / 2);
    top.value = element.scrollTop;
  }, [marked?.from, marked?.to, active, height, top]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const page = Math.max(1, Math.floor(room.peek() / height) - 1);
    const by = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: -count, End: count }[event.key];
    if (by !== undefined && count > 0) {
      event.preventDefault();
      const at = active ?? marked?.from ?? null;
      const atTop = Math.ceil(top.peek() / height);
      // Before anything was chosen, the first press of an arrow chooses what is at the top.
      const next = at === null && Math.abs(by) === 1 ? atTop : (at ?? atTop) + by;
      choose(Math.max(0, Math.min(count - 1, next)));
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      leave(event.key === "ArrowLeft" ? -1 : 1);
    }
  };

  const first = Math.max(0, Math.floor(top.value / height) - SPARE);
  const last = Math.min(count, Math.ceil((top.value + room.value) / height) + SPARE);
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
  return (
    <div
      ref={box}
      class="bcw-wire-list"
      role="listbox"
      aria-label={name}
      aria-multiselectable="true"
      aria-activedescendant={active === null ? undefined : `${id}-${active}`}
      tabIndex={0}
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
      }}
      onKeyDown={onKeyDown}
    >
      <div class="bcw-wire-rows" role="presentation" style={{ height: `${count * height}px` }}>
        {rows.map((index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the list's
          // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and says which row is active
          <div
            key={index}
            id={`${id}-${index}`}
            class="bcw-wire-row"
            role="option"
            aria-selected={marked !== null && index >= marked.from && index < marked.to}
            aria-posinset={index + 1}
            aria-setsize={count}
            data-active={index === active}
            style={{ top: `${index * height}px`, height: `${height}px` }}
            onClick={() => choose(index)}
          >
            {row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
