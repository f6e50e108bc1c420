// Takes a picture of the chat in each state, for people to look at: node js/tests/chat/harness/pictures.mjs FOLDER [SCENE...]
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

/** Scene, and what is done to the page before the picture. */
const pictures = [
  { name: "empty" },
  { name: "late", act: (page) => page.getByText(/The kernel is busy/).waitFor() },
  { name: "done" },
  { name: "streaming" },
  { name: "silent" },
  { name: "stopped" },
  { name: "failed", act: (page) => page.locator("summary").click() },
  { name: "queued", act: (page) => queue(page, "And one about lakes, with a rhyme in each second line, please") },
  { name: "kinds" },
  { name: "long", act: (page) => scrollUp(page) },
  { name: "fan-running", scene: "fanRunning" },
  { name: "fan-running-320", scene: "fanRunning", width: 320 },
  { name: "fan-done", scene: "fanDone" },
  { name: "fan-open", scene: "fanDone", act: (page) => unfold(page, /ran 3/, /river/) },
  { name: "fan-open-dark", scene: "fanDone", theme: "dark", act: (page) => unfold(page, /Trace of/) },
  { name: "fan-open-320", scene: "fanDone", width: 320, act: (page) => unfold(page, /ran 3/, /river/) },
  { name: "fan-failed", scene: "fanFailed", act: (page) => unfold(page, /ran 3/, /failed search/) },
  { name: "fan-failed-dark", scene: "fanFailed", theme: "dark", act: (page) => unfold(page, /ran 3/) },
  { name: "versions" },
  { name: "versions-dark", scene: "versions", theme: "dark" },
  { name: "versions-320", scene: "versions", width: 320 },
  { name: "editing", scene: "versions", act: edit },
  { name: "editing-dark", scene: "versions", theme: "dark", act: edit },
  { name: "editing-320", scene: "versions", width: 320, act: edit },
  { name: "loop" },
  { name: "loop-320", scene: "loop", width: 320 },
  { name: "form" },
  { name: "answering" },
  { name: "lost", act: (page) => page.getByText("Disconnected").first().waitFor() },
  { name: "done-dark", scene: "done", theme: "dark" },
  { name: "failed-dark", scene: "failed", theme: "dark", act: (page) => page.locator("summary").click() },
  { name: "empty-dark", scene: "empty", theme: "dark" },
  { name: "empty-320", scene: "empty", width: 320 },
  { name: "streaming-320", scene: "streaming", width: 320 },
  { name: "failed-320", scene: "failed", width: 320 },
  { name: "queued-320", scene: "queued", width: 320, act: (page) => queue(page, "And one about lakes, please") },
  { name: "done-plain", scene: "done", theme: "none" },
  { name: "done-contrast", scene: "done", forced: true },
];

async function unfold(page, ...names) {
  for (const name of names) await page.getByRole("button", { name, expanded: false }).first().click();
}

async function edit(page) {
  await page.getByRole("button", { name: "Edit" }).nth(1).click();
  await page.keyboard.type(", and one line about the sea");
}

async function queue(page, text) {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.keyboard.press("Enter");
  await page.keyboard.type("Meanwhile I go on\nwriting");
}

async function scrollUp(page) {
  await page.getByRole("log").hover();
  await page.mouse.wheel(0, -900);
  await page.getByRole("button", { name: "Jump to latest" }).waitFor();
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || chromium.executablePath(),
  args: ["--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--disable-background-networking"],
});
for (const { name, scene = name, act, theme = "light", width = 760, forced = false } of pictures) {
  if (only.length > 0 && !only.includes(name)) continue;
  const page = await browser.newPage({
    viewport: { width, height: 560 },
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
  await page.getByRole("log").waitFor();
  await act?.(page);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.close();
}
await browser.close();
