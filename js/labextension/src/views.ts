// The views of saved chats, which are large: fetched from beside the extension when the first one is looked at.

import type { mountSaved, SavedOptions } from "../../src/saved/saved";
import { importGzipped, unzipped } from "../../src/transport/gzipped";
import { fileUrl } from "./files";

type Views = { mountSaved: typeof mountSaved };

const loaded = new Map<string, Promise<Record<string, unknown>>>();
let views: Promise<Views> | null = null;

/** As a kernel would send it. */
export const load: SavedOptions["load"] = (name) => {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const promise = importFile(name);
  loaded.set(name, promise);
  promise.catch(() => loaded.delete(name));
  return promise;
};

/** With their style sheet. */
export function fetchViews(): Promise<Views> {
  views ??= Promise.all([importFile("saved"), addStyles()]).then(([module]) => module as unknown as Views);
  views.catch(() => {
    views = null;
  });
  return views;
}

async function importFile(name: string): Promise<Record<string, unknown>> {
  return importGzipped(await fetchFile(`${name}.js.gz`));
}

async function addStyles(): Promise<void> {
  const style = document.createElement("style");
  style.textContent = await (await unzipped(await fetchFile("saved.css.gz"))).text();
  document.head.append(style);
}

async function fetchFile(name: string): Promise<Uint8Array<ArrayBuffer>> {
  // Under the same address there is another file when the package has been upgraded.
  const response = await fetch(fileUrl(name), { cache: "no-cache" });
  if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
