/** Adds the typeface to the notices, which know only of scripts: its licence asks for it too. */
import { appendFileSync, readFileSync } from "node:fs";

const name = "@fontsource-variable/atkinson-hyperlegible-next";
const font = new URL(`../node_modules/${name}/`, import.meta.url);
const { version, license } = JSON.parse(readFileSync(new URL("package.json", font), "utf8"));
const words = readFileSync(new URL("LICENSE", font), "utf8");
const notices = new URL("../../server/static/licences.txt", import.meta.url);
appendFileSync(notices, `\n## ${name} - ${version} (${license})\n\n${words}`);
