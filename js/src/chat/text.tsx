// The text of a message: an island that Preact makes once and never renders into.
import { useLayoutEffect, useRef } from "preact/hooks";
import type { MarkdownView } from "../markdown/markdown";

export interface TextProps {
  text: string;
  /** While it stays the same, the text only grows. */
  revision: number;
  streaming: boolean;
  className: string;
  /** Makes the view; not called again when it changes. */
  view: (element: HTMLElement) => MarkdownView;
}

interface Island {
  view: MarkdownView;
  shown: number;
  revision: number;
  finished: boolean;
}

export function Text({ text, revision, streaming, className, view }: TextProps) {
  const element = useRef<HTMLDivElement>(null);
  const island = useRef<Island | null>(null);

  useLayoutEffect(() => {
    const host = element.current;
    if (host === null) return;
    island.current ??= { view: view(host), shown: 0, revision, finished: false };
    feed(island.current, text, revision, streaming);
  }, [text, revision, streaming]);

  useLayoutEffect(
    () => () => {
      island.current?.view.destroy();
      island.current = null;
    },
    [],
  );

  return <div ref={element} class={className} dir="auto" />;
}

function feed(island: Island, text: string, revision: number, streaming: boolean): void {
  const grown = text.length - island.shown;
  if (revision !== island.revision || grown < 0 || (island.finished && grown > 0)) {
    island.view.replace(text);
    island.finished = false;
  } else if (grown > 0) {
    island.view.append(text.slice(island.shown));
  }
  island.shown = text.length;
  island.revision = revision;
  if (!streaming && !island.finished) {
    island.view.finish();
    island.finished = true;
  }
}
