// In the chats of the page that show the same conversation messages can be chosen, and the chosen one is marked and brought in sight.
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Choosers, Choosing } from "../chat/choosing";
import type { Store } from "../store/store";
import type { DeltaChoice } from "./choice";

interface InChatProps {
  store: Store;
  choice: DeltaChoice;
  choosers: Choosers;
}

export function InChat({ store, choice, choosers }: InChatProps) {
  const style = useRef<HTMLStyleElement>(null);
  const message = choice.message.value;
  useLayoutEffect(() => {
    const choosing: Choosing = {
      name: "Show in timeline",
      message: choice.message,
      choose(message) {
        const before = store.past.peek();
        choice.chooseMessage(message);
        return store.past.peek() !== before;
      },
    };
    choosers.value = [...choosers.peek(), choosing];
    return () => {
      choosers.value = choosers.peek().filter((each) => each !== choosing);
    };
  }, [store, choice, choosers]);
  useLayoutEffect(() => {
    const session = style.current?.closest<HTMLElement>(".bcw")?.dataset.session;
    if (style.current === null || session === undefined || message === null) return;
    const chats = `.bcw[data-view="chat"][data-session="${CSS.escape(session)}"]`;
    const article = `[data-key="${CSS.escape(message)}"]`;
    style.current.textContent = `${chats} ${article} {
      border-radius: var(--bcw-radius-small);
      background: var(--bcw-accent-bg);
      box-shadow: -3px 0 var(--bcw-accent);
    }`;
    // Until then the chats show what was chosen, or the past up to it.
    const frame = requestAnimationFrame(() => {
      for (const chat of document.querySelectorAll(chats)) bringInSight(chat.querySelector(".bcw-log"), article);
    });
    return () => {
      cancelAnimationFrame(frame);
      if (style.current !== null) style.current.textContent = "";
    };
  }, [message]);
  return <style ref={style} />;
}

/** Scrolls the log alone, never the notebook. */
function bringInSight(log: Element | null, selector: string): void {
  const article = log?.querySelector(selector);
  if (log === null || !article) return;
  const outer = log.getBoundingClientRect();
  const { top, bottom, height } = article.getBoundingClientRect();
  if (top < outer.top || height > outer.height) log.scrollTop += top - outer.top - 8;
  else if (bottom > outer.bottom) log.scrollTop += bottom - outer.bottom + 8;
}
