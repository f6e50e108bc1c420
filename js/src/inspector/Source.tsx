import { useLayoutEffect, useRef } from "preact/hooks";
import { type ColourSpans, Highlighter } from "../markdown/highlight";
import type { ActionInfo } from "../protocol.gen";

/** What the action does, in Python: its docstring is in it. */
export function Source({
  action,
  loadColours,
}: {
  action: ActionInfo | undefined;
  loadColours: () => Promise<ColourSpans>;
}) {
  const code = useRef<HTMLElement>(null);
  const source = action?.source ?? null;
  useLayoutEffect(() => {
    const element = code.current;
    if (element === null || source === null) return;
    // Written by hand: what is coloured is no longer one text.
    element.textContent = source;
    const highlighter = new Highlighter(element.ownerDocument, loadColours);
    highlighter.add(element, source, "python");
    return () => highlighter.cancel();
  }, [source, loadColours]);
  if (source === null) return <p class="bcw-quiet">Python cannot find the source of this action.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard
    <pre class="bcw-source" tabIndex={0}>
      <code ref={code} />
    </pre>
  );
}
