// Takes a picture of the timeline in each state, for people to look at: node js/tests/timeline/harness/pictures.mjs FOLDER [PICTURE...]
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { chromium } from "playwright-core";

const [folder, ...only] = process.argv.slice(2);
if (folder === undefined) throw new Error("Say where the pictures go.");
mkdirSync(folder, { recursive: true });

const light = "--jp-layout-color1:#fff;--jp-ui-font-color1:rgba(0,0,0,.87);";
const dark = "--jp-layout-color1:#212121;--jp-ui-font-color1:rgba(255,255,255,.87);";
const fonts = "--jp-content-font-size1:14px;--jp-ui-font-family:system-ui,sans-serif;";

// The views' style sheets are on the page, those of what is loaded on demand are texts.
const asTexts = {
  name: "as-texts",
  setup(build) {
    build.onLoad({ filter: /\/timeline\/.*\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8"),
      loader: "text",
    }));
  },
};

const built = await esbuild.build({
  entryPoints: [fileURLToPath(new URL("./page.tsx", import.meta.url))],
  outdir: folder,
  bundle: true,
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
  plugins: [asTexts],
  write: false,
});
for (const { path, contents } of built.outputFiles) writeFileSync(path, contents);
writeFileSync(
  join(folder, "page.html"),
  `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="page.css"><body><script type="module" src="page.js"></script>`,
);

const keys =
  (...pressed) =>
  async (page) => {
    await page.getByRole("application").focus();
    for (const key of pressed) await page.keyboard.press(key);
  };

/** Scene, and what is done to the page before the picture. */
const pictures = [
  { name: "empty" },
  { name: "silent" },
  { name: "done" },
  { name: "chosen", scene: "done", act: keys("End", ...Array(30).fill("ArrowLeft")) },
  { name: "chosen-dark", scene: "done", theme: "dark", act: keys("ArrowRight", "PageDown") },
  { name: "chosen-320", scene: "done", width: 340, act: keys("End", "PageUp") },
  { name: "chosen-plain", scene: "done", theme: "none", act: keys("End") },
  { name: "zoomed", scene: "done", act: keys("ArrowRight", "PageDown", "+", "+", "+", "+", "+") },
  { name: "running" },
  { name: "held" },
  { name: "failed" },
  { name: "many", act: keys("ArrowRight") },
  { name: "many-zoomed", scene: "many", act: keys("ArrowRight", "PageDown", ...Array(10).fill("+")) },
  { name: "loop", act: keys("ArrowRight") },
  { name: "loop-320", scene: "loop", width: 340, theme: "dark" },
  { name: "comparison", view: "comparison", act: keys("ArrowUp", "ArrowUp", "ArrowUp", "PageDown") },
  { name: "comparison-320", view: "comparison", width: 340, theme: "dark", act: keys("End") },
  { name: "forced", scene: "done", forced: true, act: keys("End") },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || chromium.executablePath(),
  args: ["--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--disable-background-networking"],
});
for (const {
  name,
  view = "timeline",
  scene = view === "timeline" ? name : "done",
  act,
  theme = "light",
  width = 760,
  forced = false,
} of pictures) {
  if (only.length > 0 && !only.includes(name)) continue;
  const page = await browser.newPage({
    viewport: { width, height: 700 },
    deviceScaleFactor: 1,
    forcedColors: forced ? "active" : "none",
    colorScheme: theme === "dark" ? "dark" : "light",
  });
  page.on("pageerror", (error) => console.error(name, error));
  page.on("console", (message) => message.type() === "error" && console.error(name, message.text()));
  await page.addInitScript(
    ([variables, light]) => {
      document.addEventListener("DOMContentLoaded", () => {
        document.body.style.cssText = `margin:12px;background:var(--jp-layout-color1);${variables}`;
        if (light !== null) document.body.dataset.jpThemeLight = light;
      });
    },
    [
      theme === "none" ? "" : (theme === "dark" ? dark : light) + fonts,
      theme === "none" ? null : `${theme === "light"}`,
    ],
  );
  await page.goto(`file://${join(folder, "page.html")}?scene=${scene}&view=${view}`);
  await page.locator(".bcw").waitFor();
  await act?.(page);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  await page.close();
}
await browser.close();
