/**
 * The budgets of the first load and of the way to the call, in gzip kilobytes of script and style.
 * Reads Vite's manifest: a page costs its own chunk and everything that it imports statically.
 */
import { readdirSync, readFileSync } from "node:fs";
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

/** A worker's file is its own program, which no chunk imports: the one that every call starts. */
function workers() {
  const found = readdirSync(new URL("assets/", out)).filter((file) => /^worker-.*\.js$/.test(file));
  if (found.length !== 1) throw new Error(`one worker was expected: ${found}`);
  return found.map((file) => `assets/${file}`);
}

function kilobytes(files) {
  let sum = 0;
  for (const file of files) sum += gzipSync(readFileSync(new URL(file, out)), { level: 9 }).length;
  return sum / 1000;
}

let failed = false;
for (const [what, files, budget] of [
  ["first load", filesOf(FIRST), 90],
  ["through to the call", [...filesOf(CALL), ...workers()], 190],
]) {
  const size = kilobytes(files);
  failed ||= size > budget;
  console.log(
    `${what}: ${size.toFixed(1)} kB gzip of ${budget}${size > budget ? "  TOO BIG" : ""}`,
  );
}
process.exit(failed ? 1 : 0);
