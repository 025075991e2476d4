/**
 * The budgets of the first load and of the way to the call, in gzip kilobytes of script and style.
 * Reads Vite's manifest: a page costs its own chunk and everything that it imports statically.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const out = new URL("../../server/static/", import.meta.url);
const html = readFileSync(new URL("index.html", out), "utf8");
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", out), "utf8"));
const LANGUAGE = (name) => [`src/i18n/sv/${name}.json`];

const FIRST = [...LANGUAGE("common"), ...LANGUAGE("start")];
const CALL = [
  ...FIRST,
  ...LANGUAGE("help"),
  ...LANGUAGE("patient"),
  ...LANGUAGE("visit"),
  "src/features/login/LoginPage.tsx",
  "src/app/known.ts",
  "src/app/way.ts",
  "src/features/visit/index.tsx",
  "node_modules/socket.io-client/build/esm/index.js",
];

function filesOf(entries) {
  // What the page itself names is always fetched.
  const files = new Set(
    Array.from(html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g), ([, file]) => file),
  );
  const seen = new Set();
  const walk = (key) => {
    const chunk = manifest[key];
    if (seen.has(key) || !chunk) return;
    seen.add(key);
    files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const next of chunk.imports ?? []) walk(next);
  };
  for (const key of entries) {
    // What is not found would not be counted: a budget that is kept by not looking.
    if (!manifest[key]) throw new Error(`no chunk of its own in the manifest: ${key}`);
    walk(key);
  }
  return files;
}

function kilobytes(files) {
  let sum = 0;
  for (const file of files) sum += gzipSync(readFileSync(new URL(file, out)), { level: 9 }).length;
  return sum / 1000;
}

let failed = false;
for (const [what, entries, budget] of [
  ["first load", FIRST, 90],
  ["through to the call", CALL, 190],
]) {
  const size = kilobytes(filesOf(entries));
  failed ||= size > budget;
  console.log(
    `${what}: ${size.toFixed(1)} kB gzip of ${budget}${size > budget ? "  TOO BIG" : ""}`,
  );
}
process.exit(failed ? 1 : 0);
