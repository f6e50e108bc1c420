// What Jupyter shares with its extensions. An import of such a package becomes a call of `shared` (see js/labextension.mjs);
// package.json names them all, with the versions that do.
import { dependencies, name as self } from "../package.json";

/** The modules of one package by version, as webpack and its like keep them for all that a page has loaded. */
export type ShareScope = Record<string, Record<string, { get(): Promise<() => unknown>; loaded?: unknown }>>;

const modules = new Map<string, unknown>();

/** Fetch all of them: after that `shared` has them at once. */
export async function fetchShared(scope: ShareScope): Promise<void> {
  await Promise.all(
    Object.keys(dependencies).map(async (name) => {
      const versions = Object.values(scope[name] ?? {});
      // There is one, unless another extension has brought its own: then it is the one that the application uses.
      const found = versions.find(({ loaded }) => loaded) ?? versions[0];
      if (found === undefined) throw new Error(`${self}: there is no ${name} here`);
      modules.set(name, (await found.get())());
    }),
  );
}

export function shared(name: string): unknown {
  return modules.get(name);
}
