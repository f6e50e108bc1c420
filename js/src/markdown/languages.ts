/** The languages that code is coloured in. */

import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import diff from "highlight.js/lib/languages/diff";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import r from "highlight.js/lib/languages/r";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const highlighter = hljs.newInstance();
const languages = { bash, diff, javascript, json, python, r, rust, sql, xml, yaml };
for (const [name, language] of Object.entries(languages)) highlighter.registerLanguage(name, language);
// TypeScript's own grammar would cost as much again and colour little more.
highlighter.registerAliases(["ts", "tsx", "typescript"], { languageName: "javascript" });
highlighter.registerAliases(["shell", "console", "shellsession"], { languageName: "bash" });

export { highlighter };
