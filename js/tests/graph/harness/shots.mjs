// Screenshots of the harness page in a real Chromium (Playwright's own, or the one that CHROMIUM names):
// node js/tests/graph/harness/shots.mjs OUT_DIR [NAME_PART]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const here = import.meta.dirname;
const [out = "shots", only = ""] = process.argv.slice(2);
mkdirSync(out, { recursive: true });

// JupyterLab's own values for its two themes.
const THEMES = {
  light:
    "--jp-layout-color0:#fff;--jp-layout-color1:#fff;--jp-layout-color2:#eee;--jp-ui-font-color1:rgba(0,0,0,.87);--jp-ui-font-color2:rgba(0,0,0,.54);--jp-border-color0:#bdbdbd;--jp-border-color2:#e0e0e0;--jp-brand-color1:#1976d2;--jp-success-color1:#388e3c;--jp-error-color1:#d32f2f;--jp-ui-inverse-font-color0:#fff",
  dark: "--jp-layout-color0:#111;--jp-layout-color1:#212121;--jp-layout-color2:#424242;--jp-ui-font-color1:#fff;--jp-ui-font-color2:rgba(255,255,255,.7);--jp-border-color0:#616161;--jp-border-color2:#424242;--jp-brand-color1:#2196f3;--jp-success-color1:#4caf50;--jp-error-color1:#d32f2f;--jp-ui-inverse-font-color0:#000",
};

const bundle = await build({
  entryPoints: [join(here, "page.tsx")],
  bundle: true,
  write: false,
  outdir: "page",
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
});
const source = join(here, "../../../src");
const styles = await build({
  entryPoints: [join(source, "theme.css"), join(source, "graph/graph.css")],
  bundle: true,
  write: false,
  outdir: "styles",
});
const css = [...styles.outputFiles, ...bundle.outputFiles.filter(({ path }) => path.endsWith(".css"))]
  .map(({ text }) => text)
  .join("");
const script = bundle.outputFiles.find(({ path }) => path.endsWith(".js")).text;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || chromium.executablePath(),
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

const shots = [
  { name: "5", query: "graph=5&state=running", width: 700 },
  { name: "demo", query: "graph=demo", width: 900 },
  { name: "demo-running", query: "graph=demo&state=running", width: 700 },
  { name: "demo-narrow", query: "graph=demo&state=running", width: 320 },
  { name: "demo-card", query: "graph=demo&state=running", width: 900, focus: "decide_mode", press: "Enter" },
  {
    name: "demo-card-source",
    query: "graph=demo&state=running",
    width: 900,
    focus: "generate_poem",
    press: "Enter",
    open: true,
  },
  { name: "demo-card-narrow", query: "graph=demo&state=running", width: 320, focus: "decide_mode" },
  { name: "demo-edge", query: "graph=demo&state=running", width: 700, focus: "decide_mode", press: "t" },
  { name: "demo-list", query: "graph=demo&state=running", width: 500, click: "List" },
  { name: "odd", query: "graph=odd&state=running", width: 700 },
  { name: "odd-graphviz", query: "graph=odd&state=running&layout=graphviz", width: 700 },
  { name: "fan-running", query: "graph=fan&inside=running", width: 700 },
  { name: "fan-failed", query: "graph=fan&inside=failed", width: 700, focus: "compare", press: "Enter", row: /failed/ },
  { name: "fan-done", query: "graph=fan&inside=done", width: 900, focus: "compare", press: "Enter", row: /river/ },
  { name: "fan-many", query: "graph=fan&inside=many", width: 700, focus: "compare", press: "Enter" },
  { name: "fan-traced", query: "graph=fan&inside=done", width: 700, focus: "ask", press: "Enter", row: /parse/ },
  { name: "fan-narrow", query: "graph=fan&inside=running", width: 320, focus: "compare", press: "Enter" },
  { name: "fan-list", query: "graph=fan&inside=failed", width: 500, click: "List" },
  { name: "40-fit", query: "graph=40&state=running", width: 900, click: "Fit" },
  { name: "30", query: "graph=30&state=running", width: 900 },
  { name: "30-fit", query: "graph=30&state=running", width: 900, click: "Fit" },
  { name: "30-graphviz", query: "graph=30&layout=graphviz&state=running", width: 900, click: "Fit" },
  { name: "30-narrow", query: "graph=30&state=running", width: 320 },
  { name: "150", query: "graph=150&layout=graphviz&state=running", width: 900 },
  { name: "150-fit", query: "graph=150&state=running", width: 900, click: "Fit" },
  { name: "150-graphviz", query: "graph=150&layout=graphviz&state=running", width: 900, click: "Fit" },
];

for (const theme of ["light", "dark"]) {
  const page = await browser.newPage({ colorScheme: theme, deviceScaleFactor: 1.5 });
  page.on("pageerror", (error) => console.error(error));
  await page.route("http://harness/**", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<!doctype html><style>:root{${THEMES[theme]}} body{margin:0;background:var(--jp-layout-color0)}${css}</style><body data-jp-theme-light="${theme === "light"}"><div id="root"></div>`,
    }),
  );
  for (const shot of shots) {
    const name = `${shot.name}-${theme}`;
    if (!name.includes(only)) continue;
    await page.setViewportSize({ width: shot.width, height: 720 });
    await page.goto(`http://harness/?${shot.query}`);
    await page.addScriptTag({ type: "module", content: script });
    await page.locator("[data-action]").first().waitFor();
    if (shot.query.includes("graphviz") && !shot.query.includes("odd"))
      await page.locator(".bcw-graph-canvas[data-layout=better]").waitFor();
    if (shot.focus) await page.locator(`[data-action="${shot.focus}"]`).focus();
    if (shot.press) await page.keyboard.press(shot.press);
    if (shot.row)
      await page.getByRole("button", { name: shot.row }).and(page.locator("[aria-expanded]:not(g)")).first().click();
    if (shot.open) await page.locator("summary").click();
    if (shot.click) await page.getByRole("button", { name: shot.click }).click();
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.screenshot({ path: join(out, `${name}.png`), animations: "disabled" });
  }
  await page.close();
}
await browser.close();
