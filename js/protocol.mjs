// Writes js/src/protocol.gen.ts from the Python structs: the wire has one source. `--check` only compares.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const target = new URL("./src/protocol.gen.ts", import.meta.url);
const python = process.env.PYTHON ?? ".venv/bin/python";
const schema = execFileSync(python, ["-m", "burr_chat_widget.protocol.schema"], { encoding: "utf8" });
const text = await compile(JSON.parse(schema), "Wire", {
  additionalProperties: false,
  format: true,
  style: { printWidth: 120 },
  bannerComment: "// Generated from src/burr_chat_widget/protocol by `make protocol`. Do not edit.",
});
if (!process.argv.includes("--check")) {
  writeFileSync(target, text);
} else if (readFileSync(target, "utf8") !== text) {
  console.error("js/src/protocol.gen.ts is not what src/burr_chat_widget/protocol says: run `make protocol`.");
  process.exit(1);
}
