// The entry: what JupyterLab and Notebook load, in the form in which they ask for extensions (that of a container of webpack's
// module federation). They call `init` with what they share, then `get`.
import { name } from "../package.json";
// At once: later nobody knows which script this is.
import "./files";
import { fetchShared, type ShareScope } from "./host";

interface Container {
  init(scope: ShareScope): void;
  get(module: string): Promise<() => { __esModule: true; default: unknown }>;
}

declare global {
  interface Window {
    _JUPYTERLAB?: Record<string, Container>;
  }
}

let scope: ShareScope = {};

window._JUPYTERLAB ??= {};
window._JUPYTERLAB[name] = {
  init(shared) {
    scope = shared;
  },
  async get() {
    await fetchShared(scope);
    // Not before: its imports are there now.
    const { default: plugins } = await import("./index");
    return () => ({ __esModule: true, default: plugins });
  },
};
