import { expect, test } from "vitest";
import { dependencies } from "../../labextension/package.json";
import { fetchShared, type ShareScope, shared } from "../../labextension/src/host";

const names = Object.keys(dependencies);
const offered = (what: unknown, loaded?: unknown) => ({ get: async () => () => what, loaded });

test("each package that is named is the one that the application uses", async () => {
  const scope: ShareScope = Object.fromEntries(
    names.map((name) => [name, { "4.3.0": offered(`other ${name}`), "4.2.0": offered(name, 1) }]),
  );
  await fetchShared(scope);
  expect(names.map(shared)).toEqual(names);
});

test("one that is not loaded yet is loaded", async () => {
  await fetchShared(Object.fromEntries(names.map((name) => [name, { "4.2.0": offered(`only ${name}`) }])));
  expect(shared("@jupyterlab/application")).toBe("only @jupyterlab/application");
});

test("where one is missing, it is said which", async () => {
  const [missing, ...others] = names as [string, ...string[]];
  const scope = Object.fromEntries(others.map((name) => [name, { "4.2.0": offered(name) }]));
  await expect(fetchShared(scope)).rejects.toThrow(`there is no ${missing} here`);
});
