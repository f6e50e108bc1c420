// What the extension of JupyterLab and Notebook needs of its build besides a bundle. JupyterLab's own builder would bring a second
// bundler, and more packages than all else here together, for the few lines of js/labextension/src/container.ts.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "js/labextension");

/** Where it is built: the folder is installed as `share/jupyter/labextensions/burr-chat-widget`. */
export const labextension = join(root, "src/burr_chat_widget/labextension");

const readPackage = () => JSON.parse(readFileSync(join(source, "package.json"), "utf8"));

/** An import of what Jupyter shares is answered by Jupyter: see js/labextension/src/host.ts. */
export const fromHost = {
  name: "from host",
  setup(build) {
    const { dependencies } = readPackage();
    build.onResolve({ filter: /^@(jupyterlab|lumino)\// }, ({ path }) =>
      path in dependencies
        ? { path, namespace: "host" }
        : { errors: [{ text: `${path} is not among the dependencies of js/labextension/package.json` }] },
    );
    build.onLoad({ filter: /.*/, namespace: "host" }, ({ path }) => ({
      contents: `module.exports = require("./host").shared(${JSON.stringify(path)});`,
      resolveDir: join(source, "src"),
    }));
  },
};

/** Write what tells Jupyter of the extension and of its settings; returns the paths. */
export function writeMetadata() {
  const { jupyterlab, private: _, ...metadata } = readPackage();
  const python = readFileSync(join(root, "src/burr_chat_widget/_version.py"), "utf8");
  const build = { load: "static/remoteEntry.js", extension: "./extension" };
  const about = {
    ...metadata,
    version: python.match(/__version__ = "(.+)"/)[1],
    jupyterlab: { ...jupyterlab, _build: build },
  };
  const install = {
    packageManager: "python",
    packageName: metadata.name,
    uninstallInstructions: `Use your Python package manager (pip, conda, ...) to uninstall ${metadata.name}`,
  };
  const written = [];
  const write = (path, content) => {
    writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
    written.push(path);
  };
  write(join(labextension, "package.json"), about);
  write(join(labextension, "install.json"), install);

  const schemas = join(source, jupyterlab.schemaDir);
  if (!existsSync(schemas)) return written;
  const target = join(labextension, "schemas", metadata.name);
  mkdirSync(target, { recursive: true });
  // Under this name the server looks for the version that the settings are of.
  write(join(target, "package.json.orig"), about);
  for (const name of readdirSync(schemas)) {
    copyFileSync(join(schemas, name), join(target, name));
    written.push(join(target, name));
  }
  return written;
}
