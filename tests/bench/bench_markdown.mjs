// How the page keeps up with a long answer: main-thread time per delta at its start and end, long tasks, frames per second.
//
// `node tests/bench/bench_markdown.mjs [KB]` prints JSON; `measure({ kilobytes })` returns it. Real Chromium (CHROMIUM names
// another one). The text arrives at 12.5 KB/s in deltas of four characters, and is appended once per frame, as the chat does.
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { chromium } from "playwright-core";

const DELTA = 4;
const PER_SECOND = 12_500;
const root = fileURLToPath(new URL("../../", import.meta.url));

const PAGE = `
import { createMarkdown } from "./js/src/markdown/markdown.ts";
import { answer } from "./js/tests/markdown/corpus.ts";
import "./js/src/markdown/markdown.css";

const frame = () => new Promise(requestAnimationFrame);
const longTasks = [];
new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: "longtask" });

globalThis.frames = async (milliseconds) => {
  const start = await frame();
  let count = 0;
  let now = start;
  while (now - start < milliseconds) {
    now = await frame();
    count++;
  }
  return (count * 1000) / (now - start);
};

globalThis.prepare = (size) => {
  // The same tenth ten times: what differs between the first and the last is the length of the document, nothing else.
  globalThis.text = (answer(size / 10, 1, true) + "\\n\\n").repeat(10);
  globalThis.box = document.getElementById("box");
  globalThis.view = createMarkdown(document.getElementById("message"));
  longTasks.length = 0;
  return text.length;
};

globalThis.feed = async (from, to, perSecond) => {
  const start = await frame();
  let at = from;
  let count = 0;
  let script = 0;
  let now = start;
  while (at < to) {
    now = await frame();
    count++;
    const due = Math.min(to, from + Math.floor(((now - start) / 1000) * perSecond / ${DELTA}) * ${DELTA});
    if (due === at) continue;
    const before = performance.now();
    view.append(text.slice(at, due));
    script += performance.now() - before;
    at = due;
    box.scrollTop = box.scrollHeight;
  }
  return { fps: (count * 1000) / (now - start), script };
};

globalThis.end = async () => {
  const before = performance.now();
  const finished = view.finish();
  const returned = performance.now() - before;
  await finished;
  const finish = performance.now() - before;
  await frame();
  await new Promise((resolve) => setTimeout(resolve, 500));
  return { returned, finish, longTasks };
};

globalThis.whole = async (size) => {
  const element = document.createElement("div");
  const text = answer(size, 2);
  box.replaceChildren(element);
  await frame();
  longTasks.length = 0;
  const view = createMarkdown(element);
  const before = performance.now();
  view.append(text);
  await view.finish();
  const took = performance.now() - before;
  await new Promise((resolve) => setTimeout(resolve, 500));
  return { took, longTasks: [...longTasks] };
};
`;

/** Streams an answer of `kilobytes` into a page; times are milliseconds. */
export async function measure({ kilobytes = 250 } = {}) {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: PAGE, resolveDir: root, loader: "ts" },
    bundle: true,
    format: "iife",
    minify: true,
    outdir: "bench",
    write: false,
  });
  const script = outputFiles.find((file) => file.path.endsWith(".js")).text;
  const style = outputFiles.find((file) => file.path.endsWith(".css")).text;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || chromium.executablePath(),
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  });
  try {
    const page = await browser.newPage();
    await page.setContent(
      '<div id="box" style="height:500px;overflow:auto;width:700px;font:14px/1.55 sans-serif"><div id="message"></div></div>',
    );
    await page.addStyleTag({ content: style });
    await page.evaluate(script);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
    // Processor time, so that other work on the machine does not count.
    const busy = async () => {
      const { metrics } = await devtools.send("Performance.getMetrics");
      return 1000 * metrics.find(({ name }) => name === "TaskDuration").value;
    };
    const idleFps = await page.evaluate("frames(2000)");
    const idleFrom = await busy();
    await page.evaluate("frames(2000)");
    const idlePerSecond = ((await busy()) - idleFrom) / 2;
    let longestTask = 0;
    devtools.on("Tracing.dataCollected", ({ value }) => {
      for (const { name, tdur = 0 } of value) if (name === "RunTask") longestTask = Math.max(longestTask, tdur / 1000);
    });
    const traceConfig = { includedCategories: ["devtools.timeline", "disabled-by-default-devtools.timeline"] };
    await devtools.send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
    const length = await page.evaluate(`prepare(${kilobytes * 1000})`);
    const tenths = [];
    for (let tenth = 0; tenth < 10; tenth++) {
      const from = Math.floor((length * tenth) / 10);
      const to = Math.floor((length * (tenth + 1)) / 10);
      const before = await busy();
      const { fps, script: ran } = await page.evaluate(`feed(${from}, ${to}, ${PER_SECOND})`);
      const deltas = (to - from) / DELTA;
      tenths.push({ mainThread: ((await busy()) - before) / deltas, script: ran / deltas, fps });
    }
    const { returned, finish, longTasks } = await page.evaluate("end()");
    const traced = new Promise((resolve) => devtools.once("Tracing.tracingComplete", resolve));
    await devtools.send("Tracing.end");
    await traced;
    const whole = await page.evaluate(`whole(${kilobytes * 1000})`);
    const [first, last] = [tenths[0], tenths[9]];
    return {
      characters: length,
      msPerDeltaFirstTenth: first.mainThread,
      msPerDeltaLastTenth: last.mainThread,
      ratio: last.mainThread / first.mainThread,
      scriptMsPerDelta: tenths.map((tenth) => tenth.script),
      mainThreadMsPerDelta: tenths.map((tenth) => tenth.mainThread),
      fps: tenths.map((tenth) => tenth.fps),
      idleFps,
      idleMsPerSecond: idlePerSecond,
      longTasks,
      longestTaskProcessorTime: longestTask,
      finishReturnedAfter: returned,
      finishSettledAfter: finish,
      renderedAtOnce: whole,
    };
  } finally {
    await browser.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(await measure({ kilobytes: Number(process.argv[2] ?? 250) }), null, 2));
}
