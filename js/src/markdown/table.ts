/** Tables: rows and cells that stay while rows are added. */

import { type Context, make, setAttribute } from "./context";
import { type BlockView, leaf } from "./leaf";
import type { Tokens } from "./lexer";

export function tableBlock(context: Context, key: string): BlockView {
  const element = make(context, "div", "bcw-md-table", {
    tabindex: "0",
    role: "region",
    "aria-label": "Table",
    dir: "auto",
  });
  const table = make(context, "table");
  const head = make(context, "thead");
  const body = make(context, "tbody");
  table.append(head);
  element.append(table);
  type Cell = { element: HTMLElement; show: (src: string, open: boolean) => void };
  const rows: Cell[][] = [];

  function patchRow(index: number, cells: Tokens.TableCell[], open: boolean): void {
    const header = index === 0;
    let row = rows[index];
    const parent = header ? head : body;
    if (!row) {
      row = [];
      rows[index] = row;
      parent.append(make(context, "tr"));
    }
    const tr = parent.children[header ? 0 : index - 1] as HTMLElement;
    cells.forEach((cell, column) => {
      let view = row[column];
      if (!view) {
        const td = make(context, header ? "th" : "td", "", header ? { dir: "auto", scope: "col" } : { dir: "auto" });
        tr.append(td);
        view = { element: td, show: leaf(context, td) };
        row[column] = view;
      }
      setAttribute(view.element, "data-align", cell.align);
      view.show(cell.text, open);
    });
    for (const cell of row.splice(cells.length)) cell.element.remove();
  }

  return {
    key,
    element,
    raw: null,
    update: (token, open) => {
      const { header, rows: lines } = token as Tokens.Table;
      patchRow(0, header, open && lines.length === 0);
      for (const [index, line] of lines.entries()) patchRow(index + 1, line, open && index === lines.length - 1);
      if (lines.length > 0 && !body.parentNode) table.append(body);
      else if (lines.length === 0) body.remove();
      rows.splice(lines.length + 1);
      while (body.children.length > lines.length) body.lastElementChild?.remove();
    },
  };
}
