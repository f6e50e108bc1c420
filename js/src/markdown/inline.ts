/** Running text: marked's inline tokens onto DOM nodes that are kept for as long as they fit. */

import { handOver } from "../focus";
import { type Context, make, setAttribute, setText } from "./context";
import { decodeEntities } from "./entities";
import type { Token, Tokens } from "./lexer";
import type { MathToken } from "./math-syntax";
import { imageSource, linkTarget } from "./urls";

type Item =
  | { kind: "text"; text: string }
  | { kind: "strong" | "em" | "del"; raw: string; tokens: Token[] }
  | { kind: "code"; text: string }
  | { kind: "br" }
  | { kind: "link"; raw: string; href: string | null; title: string; tokens: Token[] }
  | { kind: "image"; raw: string; src: string; host: string; remote: boolean; alt: string }
  | { kind: "math"; raw: string; token: MathToken };

/** One DOM node and what it shows. */
interface InlineView {
  node: ChildNode;
  kind: Item["kind"];
  raw: string;
  children: InlineView[];
}

/** The inline content of one leaf, as it is shown. */
export type InlineViews = InlineView[];

function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) =>
      "tokens" in token && token.tokens ? plainText(token.tokens) : decodeEntities("text" in token ? token.text : ""),
    )
    .join("");
}

function imageItem(token: Tokens.Image): Item {
  const alt = plainText(token.tokens);
  const source = imageSource(token.href);
  return source ? { kind: "image", raw: token.raw, ...source, alt } : { kind: "text", text: alt };
}

/** Adjacent pieces of text become one item: the lexer splits them where it likes, and the DOM must not follow. */
function toItems(tokens: readonly Token[]): Item[] {
  const items: Item[] = [];
  const add = (item: Item) => {
    const last = items.at(-1);
    if (item.kind === "text" && last?.kind === "text") last.text += item.text;
    else if (item.kind !== "text" || item.text !== "") items.push(item);
  };
  for (const token of tokens) {
    const { raw } = token;
    switch (token.type) {
      case "strong":
      case "em":
      case "del":
        add({ kind: token.type, raw, tokens: token.tokens ?? [] });
        break;
      case "codespan":
        add({ kind: "code", text: token.text });
        break;
      case "br":
        add({ kind: "br" });
        break;
      case "link": {
        const link = token as Tokens.Link;
        add({
          kind: "link",
          raw,
          href: linkTarget(link.href),
          title: decodeEntities(link.title ?? ""),
          tokens: link.tokens,
        });
        break;
      }
      case "image":
        add(imageItem(token as Tokens.Image));
        break;
      case "math":
        add({ kind: "math", raw, token: token as unknown as MathToken });
        break;
      case "text":
        add({ kind: "text", text: decodeEntities(token.text) });
        break;
      case "escape":
        add({ kind: "text", text: token.text });
        break;
      default:
        // HTML, and whatever marked may invent: as it was written.
        add({ kind: "text", text: raw });
    }
  }
  return items;
}

function image(context: Context, item: Extract<Item, { kind: "image" }>): HTMLElement {
  const load = () =>
    make(context, "img", "bcw-md-image", {
      referrerpolicy: "no-referrer",
      decoding: "async",
      alt: item.alt,
      src: item.src,
    });
  if (!item.remote) return load();
  const button = make(context, "button", "bcw-md-image-button", { type: "button" });
  button.textContent = `Load image: ${item.alt === "" ? "" : `${item.alt} `}(${item.host})`;
  button.addEventListener("click", (event) => {
    event.preventDefault(); // An image inside a link: the click is for the image.
    event.stopPropagation();
    handOver(button, wrapper.closest("a[href]"), wrapper);
    button.replaceWith(load());
  });
  // The wrapper stays when the image takes the button's place.
  const wrapper = make(context, "span");
  wrapper.append(button);
  return wrapper;
}

function create(context: Context, item: Item): InlineView {
  const view = (node: ChildNode, raw: string): InlineView => ({ node, kind: item.kind, raw, children: [] });
  switch (item.kind) {
    case "text":
      return view(context.document.createTextNode(""), "");
    case "code":
      return view(make(context, "code", "bcw-md-codespan", { dir: "ltr" }), "");
    case "br":
      return view(make(context, "br"), "");
    case "link":
      return view(make(context, "a"), "");
    case "image":
      return view(image(context, item), item.raw);
    case "math":
      return view(make(context, "span", item.token.display ? "bcw-md-math bcw-md-display" : "bcw-md-math"), "");
    default:
      return view(make(context, item.kind), "");
  }
}

function update(context: Context, view: InlineView, item: Item): void {
  const element = view.node as HTMLElement;
  switch (item.kind) {
    case "text":
      setText(view.node as Text, item.text);
      return;
    case "code":
      if (element.firstChild) setText(element.firstChild as Text, item.text);
      else element.append(item.text);
      return;
    case "br":
    case "image":
      return;
    case "math":
      if (view.raw === item.raw) return;
      context.math.show(element, item.token);
      break;
    case "link":
      setAttribute(element, "href", item.href);
      setAttribute(element, "target", item.href && "_blank");
      setAttribute(element, "rel", item.href && "noopener noreferrer nofollow");
      setAttribute(element, "title", item.title || null);
      patchInline(context, element, view.children, item.tokens);
      break;
    default:
      patchInline(context, element, view.children, item.tokens);
  }
  view.raw = item.raw;
}

/** Whether `view` can go on showing `item`; pictures and display forms are made anew when they change. */
function fits(view: InlineView, item: Item): boolean {
  if (view.kind !== item.kind) return false;
  if (item.kind === "image") return view.raw === item.raw;
  return item.kind !== "math" || (view.node as HTMLElement).classList.contains("bcw-md-display") === item.token.display;
}

/** Makes the children of `parent` show `tokens`; `views` is what they show now, and is brought up to date. */
export function patchInline(context: Context, parent: Element, views: InlineViews, tokens: readonly Token[]): void {
  const items = toItems(tokens);
  items.forEach((item, index) => {
    let view = views[index];
    if (!view || !fits(view, item)) {
      const fresh = create(context, item);
      if (view) view.node.replaceWith(fresh.node);
      else parent.append(fresh.node);
      views[index] = fresh;
      view = fresh;
    }
    update(context, view, item);
  });
  for (const view of views.splice(items.length)) view.node.remove();
}
