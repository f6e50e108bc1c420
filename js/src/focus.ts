// Where the keyboard's focus is, and who gets it when what has it is about to go: it would fall back to the notebook.

/** What has the focus in the document of the element, or in its shadow root: of what is inside one, the document knows the host alone. */
export function focusedNear(element: Element): Element | null {
  return (element.getRootNode() as Partial<DocumentOrShadowRoot>).activeElement ?? null;
}

/** Whether the element, or something inside it, has the focus. */
export function hasFocus(element: Element | null | undefined): element is Element {
  return element?.contains(focusedNear(element)) ?? false;
}

/** What was pressed is about to go. If it has the focus, the first of the others that is there gets it. */
export function handOver(pressed: Element, ...others: (Element | null | undefined)[]): void {
  const next = others.find((other) => other != null) as HTMLElement | undefined;
  if (next === undefined || !hasFocus(pressed)) return;
  if (next.tabIndex < 0) next.tabIndex = -1; // what no key leads to can have it then
  next.focus({ preventScroll: true });
}

/** What was pressed is about to go with its row: that of the next row has the focus then, or of the one before, or what a key leads to
 * in the section. */
export function leaveRow(pressed: Element): void {
  const row = pressed.closest("li");
  const beside = row?.nextElementSibling ?? row?.previousElementSibling;
  const section = pressed.closest("section");
  handOver(pressed, beside?.querySelector("button:last-of-type"), section?.querySelector("[tabindex='0']"), section);
}

/** What shows more rows is about to go with the last of them: the row before it has the focus then, and the next key leads to the first
 * new one. */
export function leaveEnd(pressed: Element): void {
  handOver(pressed, pressed.closest("li")?.previousElementSibling);
}
