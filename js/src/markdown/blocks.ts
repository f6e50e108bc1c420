/** Blocks: marked's block tokens onto DOM elements that are kept for as long as they fit. */

import { CodeView } from "./code";
import { type Context, make, setAttribute } from "./context";
import { type BlockView, leaf } from "./leaf";
import { lexBlocks, type Token, type Tokens } from "./lexer";
import type { MathToken } from "./math-syntax";
import { splitPendingTable } from "./mend";
import { tableBlock } from "./table";

function textBlock(context: Context, key: string, tag: "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"): BlockView {
  const element = make(context, tag, "", { dir: "auto" });
  const show = leaf(context, element);
  return { key, element, raw: null, update: (token, open) => show((token as Tokens.Paragraph).text, open) };
}

function htmlBlock(context: Context, key: string): BlockView {
  const element = make(context, "p", "bcw-md-html", { dir: "auto" });
  return {
    key,
    element,
    raw: null,
    update: (token) => {
      element.textContent = token.raw.trimEnd();
    },
  };
}

function codeBlock(context: Context, key: string): BlockView & { code: CodeView } {
  const code = new CodeView(context);
  return {
    key,
    element: code.element,
    raw: null,
    code,
    update: (token, open) => {
      const { lang = "", text, raw, codeBlockStyle } = token as Tokens.Code;
      code.setLanguage(lang);
      code.setText(codeBlockStyle === "indented" ? text : text.replace(/\n$/, ""));
      if (!open || isClosedFence(raw)) code.close();
    },
    destroy: () => code.destroy(),
  };
}

/** Whether the source of a fenced block has its last line. */
export function isClosedFence(raw: string): boolean {
  return /^ {0,3}(`{3,}|~{3,})[^\n]*\n(?:[\s\S]*\n)? {0,3}\1[`~]* *\n*$/.test(raw);
}

function quoteBlock(context: Context, key: string): BlockView {
  const element = make(context, "blockquote", "", { dir: "auto" });
  const views: BlockView[] = [];
  return {
    key,
    element,
    raw: null,
    update: (token, open) => patchBlocks(context, element, views, (token as Tokens.Blockquote).tokens, open),
    destroy: () => destroyAll(views),
  };
}

function mathBlock(context: Context, key: string): BlockView {
  const element = make(context, "div", "bcw-md-math bcw-md-display", { dir: "ltr" });
  return { key, element, raw: null, update: (token) => context.math.show(element, token as unknown as MathToken) };
}

const TASK = /^\[[ xX]\][ \t]+/;

function listItem(context: Context): BlockView {
  const element = make(context, "li", "", { dir: "auto" });
  const views: BlockView[] = [];
  let box: HTMLInputElement | null = null;
  return {
    key: "item",
    element,
    raw: null,
    update: (token, open) => {
      const item = token as Tokens.ListItem;
      let tokens = item.tokens.filter((child) => child.type !== "checkbox");
      if (item.task) {
        if (!box) {
          box = make(context, "input", "bcw-md-task", { type: "checkbox", disabled: "" });
          element.prepend(box);
        }
        box.checked = item.checked ?? false;
        setAttribute(box, "aria-label", box.checked ? "Done" : "To do");
        // In a loose list marked puts the box back into the text.
        const first = tokens[0] as Tokens.Paragraph | undefined;
        if (item.loose && first && TASK.test(first.text))
          tokens = [{ ...first, text: first.text.replace(TASK, "") }, ...tokens.slice(1)];
      } else if (box) {
        box.remove();
        box = null;
      }
      patchBlocks(context, element, views, tokens, open);
    },
    destroy: () => destroyAll(views),
  };
}

function listBlock(context: Context, key: string, ordered: boolean): BlockView {
  const element = make(context, ordered ? "ol" : "ul", "", { dir: "auto" });
  const views: BlockView[] = [];
  return {
    key,
    element,
    raw: null,
    update: (token, open) => {
      const list = token as Tokens.List;
      // One structure for tight and loose lists: a list turns loose long after its first items are shown.
      element.classList.toggle("bcw-md-loose", list.loose);
      setAttribute(element, "start", list.ordered && list.start !== 1 ? String(list.start) : null);
      patchBlocks(context, element, views, list.items, open);
    },
    destroy: () => destroyAll(views),
  };
}

function keyOf(token: Token): string {
  switch (token.type) {
    case "heading":
      return `h${token.depth}`;
    case "list":
      return token.ordered ? "ol" : "ul";
    case "list_item":
      return "item";
    case "code":
    case "blockquote":
    case "table":
    case "hr":
    case "html":
    case "math":
      return token.type;
    default:
      return "p";
  }
}

function create(context: Context, key: string): BlockView {
  switch (key) {
    case "h1":
    case "h2":
    case "h3":
    case "h4":
    case "h5":
    case "h6":
      return textBlock(context, key, key);
    case "ol":
    case "ul":
      return listBlock(context, key, key === "ol");
    case "item":
      return listItem(context);
    case "code":
      return codeBlock(context, key);
    case "blockquote":
      return quoteBlock(context, key);
    case "table":
      return tableBlock(context, key);
    case "html":
      return htmlBlock(context, key);
    case "math":
      return mathBlock(context, key);
    case "hr":
      return { key, element: make(context, "hr"), raw: null, update: () => undefined };
    default:
      return textBlock(context, "p", "p");
  }
}

/** The tokens that show something, the last one with the table that its last line begins. */
export function visibleTokens(context: Context, tokens: readonly Token[], open: boolean): Token[] {
  const visible = tokens.flatMap((token, index) => {
    if (token.type === "space" || token.type === "def") return [];
    // What ended without the end of its formula, in a list or a quote, is no formula.
    const broken = token.type === "math" && token.open && !(open && index === tokens.length - 1);
    return broken ? lexBlocks(token.raw, context.definitions, false).tokens : [token];
  });
  const last = visible.at(-1);
  if (!open || (last?.type !== "paragraph" && last?.type !== "text")) return visible;
  const pending = splitPendingTable((last as Tokens.Paragraph).text);
  const table = pending && lexBlocks(pending.table, context.definitions, true).tokens[0];
  if (!pending || table?.type !== "table") return visible;
  visible.pop();
  if (pending.before !== "") visible.push({ ...last, raw: pending.before, text: pending.before } as Token);
  visible.push(table);
  return visible;
}

/**
 * Makes the blocks of `parent` show `tokens`; `views` is what they show now, and is brought up to date.
 *
 * @param open  the last token is still being written.
 */
export function patchBlocks(
  context: Context,
  parent: Element,
  views: BlockView[],
  tokens: readonly Token[],
  open: boolean,
): void {
  const visible = visibleTokens(context, tokens, open);
  for (const [index, token] of visible.entries()) {
    patchBlock(context, parent, views, index, token, open && index === visible.length - 1);
  }
  truncate(views, visible.length);
}

/** Makes the block at `index` show `token`. */
export function patchBlock(
  context: Context,
  parent: Element,
  views: BlockView[],
  index: number,
  token: Token,
  open: boolean,
): void {
  const key = keyOf(token);
  let view = views[index];
  if (!view || view.key !== key) {
    const fresh = create(context, key);
    if (view) {
      view.element.replaceWith(fresh.element);
      view.destroy?.();
    } else {
      parent.append(fresh.element);
    }
    views[index] = fresh;
    view = fresh;
  }
  if (!open && view.raw === token.raw && !(context.relink && token.raw.includes("["))) return;
  view.update(token, open);
  view.raw = open ? null : token.raw;
}

/** Removes the views from `length` on. */
export function truncate(views: BlockView[], length: number): void {
  for (const view of views.splice(length)) {
    view.element.remove();
    view.destroy?.();
  }
}

function destroyAll(views: readonly BlockView[]): void {
  for (const view of views) view.destroy?.();
}
