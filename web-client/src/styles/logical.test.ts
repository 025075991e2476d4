import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const source = join(import.meta.dirname, "..");

const PHYSICAL =
  /(^|[\s;{])((margin|padding|border|inset|scroll-margin|scroll-padding)-(left|right|top|bottom)|(left|right|top|bottom)|(min-|max-)?(width|height)|float|text-align:\s*(left|right)|border-(top|bottom)-(left|right)-radius)\s*:/;
const PHYSICAL_ALIGN = /(text-align|float|clear):\s*(left|right)/;
/** `padding: 1 2 3 4` says right and left by position. */
const FOUR_SIDES = /(margin|padding|inset):\s*\S+ \S+ \S+ \S+;/;

/** Functions such as `max(a, b)` count as one value. */
function flat(line: string): string {
  let text = line;
  for (let before = ""; before !== text; ) {
    before = text;
    text = text.replace(/[a-z-]+\([^()]*\)/g, "x");
  }
  return text;
}

function stylesheets(): string[] {
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".css"))
    .map((file) => join(source, file));
}

it("styles say start and end, never left and right: a right-to-left language is one file away", () => {
  const found: string[] = [];
  for (const file of stylesheets()) {
    // Media queries have no logical names in today's browsers.
    const lines = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => !line.includes("@media"));
    for (const line of lines) {
      if (PHYSICAL.test(line) || PHYSICAL_ALIGN.test(line) || FOUR_SIDES.test(flat(line))) {
        found.push(`${file.slice(source.length)}: ${line.trim()}`);
      }
    }
  }
  expect(found).toEqual([]);
});
