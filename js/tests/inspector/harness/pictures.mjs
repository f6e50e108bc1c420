// Takes a picture of the inspector in each state, for people to look at: node js/tests/inspector/harness/pictures.mjs FOLDER [SCENE...]
import { mkdirSync, writeFileSync } from "node:fs";
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

const built = await esbuild.build({
  entryPoints: [fileURLToPath(new URL("./page.tsx", import.meta.url))],
  outdir: folder,
  bundle: true,
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
  write: false,
});
for (const { path, contents } of built.outputFiles) writeFileSync(path, contents);
writeFileSync(
  join(folder, "page.html"),
  `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="page.css"><body><script type="module" src="page.js"></script>`,
);

const tab = (name) => (page) => page.getByRole("tab", { name }).click();

const compare = async (page) => {
  await page.getByRole("button", { name: "Compare with branch 2" }).click();
  await page.getByRole("region", { name: "Branches" }).scrollIntoViewIfNeeded();
  await page.setViewportSize({ width: page.viewportSize().width, height: 1100 });
};

/** Scene, and what is done to the page before the picture. */
const pictures = [
  { name: "empty" },
  { name: "held" },
  { name: "held-dark", scene: "held", theme: "dark" },
  { name: "held-320", scene: "held", width: 340 },
  { name: "held-plain", scene: "held", theme: "none" },
  { name: "why", scene: "held", act: tab("Why") },
  { name: "source", scene: "failed", act: tab("Source") },
  { name: "rewind", scene: "held", act: (page) => page.getByRole("button", { name: "Rewind" }).click() },
  { name: "delta" },
  { name: "deltas", scene: "delta", act: tab("Deltas") },
  { name: "delta-dark", scene: "delta", theme: "dark", act: tab("Deltas") },
  { name: "running" },
  { name: "failed" },
  { name: "failed-dark", scene: "failed", theme: "dark" },
  { name: "big", act: (page) => page.locator('[data-key="text"]').click() },
  { name: "branches", act: compare },
  { name: "branches-dark", scene: "branches", theme: "dark", act: compare },
  { name: "branches-320", scene: "branches", width: 340, act: compare },
  { name: "chat" },
  { name: "stopped", width: 870 },
  { name: "stopped-400", scene: "stopped", width: 420 },
  { name: "first" },
  { name: "chat-320", scene: "chat", width: 340 },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || chromium.executablePath(),
  args: ["--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--disable-background-networking"],
});
for (const { name, scene = name, act, theme = "light", width = 760, forced = false } of pictures) {
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
  await page.goto(`file://${join(folder, "page.html")}?scene=${scene}`);
  await page.locator(".bcw").waitFor();
  await act?.(page);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.close();
}
await browser.close();
