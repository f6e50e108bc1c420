// Builds the front end into src/burr_chat_widget/static/, and the extension of JupyterLab and Notebook into labextension/ beside
// it. `--watch` builds again at each save, `--analyze` says what takes how much room in each file.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { fromHost, labextension, writeMetadata } from "./labextension.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "src/burr_chat_widget/static");

const PREACT = ["preact/hooks", "preact/jsx-runtime", "@preact/signals"];

// What each chat loads at once, the small module of its further views, the page of a server, and what shows a saved chat.
const core = {
  "assets/saved": "js/src/saved/saved.ts",
  page: "js/src/page/page.ts",
  widget: "js/src/widget.ts",
  view: "js/src/view.ts",
};

const entries = {
  // What a chat asks for over its comm when it needs it; kept gzipped, since that is how it travels.
  "assets/code": "js/src/markdown/colours.ts",
  "assets/graphviz": "js/src/graph/graphviz.ts",
  "assets/math": "js/src/markdown/math.ts",
};

// Of these the core provides its Preact.
const parts = {
  "assets/inspector": "js/src/inspector/asset.ts",
  "assets/quiz": "js/src/quiz/asset.ts",
  "assets/timeline": "js/src/timeline/asset.ts",
};

const kilobytes = (bytes) => (bytes.length / 1000).toFixed(1).padStart(7);

/** The licences of all packages that went into the bundle: most ask that copies carry them. */
function licences(inputs) {
  const folders = Object.keys(inputs).map((path) => path.match(/.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0]);
  return [...new Set(folders.filter(Boolean))].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    const texts = files.map((file) => readFileSync(join(root, folder, file), "utf8").trim());
    return [`${name} ${version}: ${license}`, ...texts].join("\n\n");
  });
}

/** What went into any of the builds. */
const inputs = {};

/** The files that came out. */
const written = new Set([join(target, "LICENSES.txt")]);

const metadata = {
  name: "metadata",
  setup(build) {
    build.onEnd(({ errors }) => {
      if (errors.length > 0) return;
      for (const path of writeMetadata()) written.add(path);
    });
  },
};

const write = {
  name: "write",
  setup(build) {
    build.onEnd(async ({ errors, outputFiles, metafile }) => {
      if (errors.length > 0) return;
      for (const { path, contents } of outputFiles) {
        const zipped = gzipSync(contents, { level: 9 });
        const name = relative(join(target, ".."), path).replace(/^static./, "");
        const onDemand = name.startsWith("assets");
        // The extension has no kernel to ask for what it shows of a saved chat.
        const files = onDemand ? [`${path}.gz`, join(labextension, "static", `${basename(path)}.gz`)] : [path];
        for (const file of files) {
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, onDemand ? zipped : contents);
          written.add(file);
        }
        console.log(`${name.padEnd(34)} ${kilobytes(contents)} KB, gzipped ${kilobytes(zipped)} KB`);
      }
      Object.assign(inputs, metafile.inputs);
      writeFileSync(join(target, "LICENSES.txt"), `${licences(inputs).join("\n\n---\n\n")}\n`);
      if (process.argv.includes("--analyze")) console.log(await esbuild.analyzeMetafile(metafile));
    });
  },
};

/** Of marked only the lexer is used. What the package does when it is imported keeps the other half of it in the bundle. */
const lexerOfMarked = {
  name: "lexer of marked",
  setup(build) {
    build.onLoad({ filter: /marked\.esm\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const effects = source.search(
        /var \w+=new \w+;function (\w+)\(\w+,\w+\)\{return \w+\.parse\(\w+,\w+\)\}\1\.options=/,
      );
      const names = ["Lexer", "Tokenizer", "getDefaults"].map((name) => source.match(`\\w+ as ${name}\\b`)?.[0]);
      if (effects < 0 || names.includes(undefined)) throw new Error(`${path} is not as it was: see js/build.mjs`);
      return { contents: `${source.slice(0, effects)};export{${names}};` };
    });
  },
};

/** Of dagre, the layout. It names all else there is of graphs in two objects, which keep that in the bundle. */
const layoutOfDagre = {
  name: "layout of dagre",
  setup(build) {
    build.onLoad({ filter: /dagre\.esm\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const names = ["Graph", "layout"].map((name) => source.match(`\\w+ as ${name}\\b`)?.[0]);
      const end = source.search(/,(\w+)=\{graphlib:\w+,.*\},\w+=\1;export\{/);
      const [made, algorithms, members] = source.match(/var (\w+)=\{\};\w+\(\1,\{(CycleException:[^}]*)\}\);/) ?? [];
      const [taken, before, after] = source.match(`var\\{preorder:(\\w+),postorder:(\\w+)\\}=${algorithms}\\b`) ?? [];
      const walks = ["preorder", "postorder"].map((name) => members?.match(`${name}:\\(\\)=>(\\w+)`)?.[1]);
      const parts = [...names, made, taken, ...walks];
      if (end < 0 || parts.includes(undefined)) throw new Error(`${path} is not as it was: see js/build.mjs`);
      const used = source
        .slice(0, end)
        .replace(/var (\w+)=\{\};\w+\(\1,\{Graph:[^}]*\}\);/, "")
        .replace(made, "")
        .replace(taken, `var ${before}=${walks[0]},${after}=${walks[1]}`);
      return { contents: `${used};export{${names}};` };
    });
  },
};

const options = {
  absWorkingDir: root,
  outdir: target,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "warning",
  plugins: [lexerOfMarked, layoutOfDagre, write],
};

const builds = [
  // Names like this are the layout's private ones, which it uses often: they are shortened as variables are.
  { ...options, entryPoints: core, mangleProps: /^_[a-z]/, reserveProps: /^_(next|prev|sentinel)$/ },
  { ...options, entryPoints: entries },
  {
    ...options,
    entryPoints: parts,
    alias: Object.fromEntries(PREACT.map((name) => [name, "./js/src/provided.ts"])),
    loader: { ".css": "text" },
    // The core has the style sheets of what both have.
    logOverride: { "ignored-bare-import": "silent" },
  },
  {
    ...options,
    entryPoints: { remoteEntry: "js/labextension/src/container.ts" },
    outdir: join(labextension, "static"),
    format: "iife",
    loader: { ".css": "text" },
    plugins: [fromHost, write, metadata],
  },
  {
    ...options,
    entryPoints: { templates: "js/labextension/src/templates.ts" },
    outdir: join(labextension, "static"),
    loader: { ".ipynb": "json" },
    plugins: [write],
  },
];

if (process.argv.includes("--watch")) {
  for (const each of builds) await (await esbuild.context(each)).watch();
} else {
  // Nothing is removed before everything was built: where it cannot be, what was there before stays.
  for (const each of builds) await esbuild.build(each);
  for (const folder of [target, labextension]) {
    for (const name of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(name.parentPath ?? name.path, name.name);
      if (name.isFile() && !written.has(path)) rmSync(path);
    }
  }
}
