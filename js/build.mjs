// Builds the front end into src/burr_chat_widget/static/. `--watch` builds again at each save, `--analyze` says what
// takes how much room in each file.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const source = fileURLToPath(new URL("./src/", import.meta.url));
const target = fileURLToPath(new URL("../src/burr_chat_widget/static/", import.meta.url));
const watch = process.argv.includes("--watch");
const analyze = process.argv.includes("--analyze");

// What each chat loads at once, and the small module of its further views.
const core = ["widget.ts", "view.ts"];
// What a chat asks for over its comm when it needs it; kept gzipped, since that is how it travels.
const onDemand = ["graph/graphviz.ts", "markdown/math.ts"];

const report = {
  name: "report",
  setup(build) {
    build.onEnd(async ({ errors, outputFiles, metafile }) => {
      if (errors.length > 0) return;
      for (const { path, contents } of outputFiles) {
        const zipped = gzipSync(contents, { level: 9 });
        const gz = path.startsWith(join(target, "assets"));
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(gz ? `${path}.gz` : path, gz ? zipped : contents);
        console.log(`${basename(path).padEnd(14)} ${kilobytes(contents)} KB, gzipped ${kilobytes(zipped)} KB`);
      }
      if (analyze) console.log(await esbuild.analyzeMetafile(metafile));
    });
  },
};

const kilobytes = (bytes) => (bytes.length / 1000).toFixed(1).padStart(7);

const options = (entries, outdir) => ({
  entryPoints: entries.map((entry) => join(source, entry)).filter(existsSync),
  entryNames: "[name]",
  outdir,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "info",
  plugins: [report],
});

rmSync(target, { recursive: true, force: true });
const builds = [options(core, target), options(onDemand, join(target, "assets"))];
if (watch) {
  for (const build of builds) await (await esbuild.context(build)).watch();
} else {
  await Promise.all(builds.map((build) => esbuild.build(build)));
}
