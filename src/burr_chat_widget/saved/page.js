
const data = (id) => JSON.parse(document.getElementById(id).textContent);
const modules = data("modules");
const loaded = {};

async function unpack(name) {
  if (!(name in modules)) throw new Error(`This page was saved without the module ${name}.`);
  const packed = Uint8Array.from(atob(modules[name]), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const url = URL.createObjectURL(new Blob([await new Response(stream).blob()], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

const load = (name) => (loaded[name] ??= unpack(name));
const root = document.querySelector("main");
try {
  (await load("saved")).showPage(root, data("chat"), load);
} catch (error) {
  console.error(error);
  root.textContent = `This page could not be shown. ${error}`;
}
