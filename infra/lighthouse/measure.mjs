/**
 * Measures pages with Lighthouse in its own mobile profile (slow 4G, a processor four times slower,
 * both simulated). Reads a plan from standard input:
 *   {"chromium": path, "out": folder, "runs": n, "hosts": [name],
 *    "pages": [{"name", "url", "cookies": [{name, value, url}]}]}
 * writes <out>/<name>.json, the report of the middle run by performance, and says one line of JSON
 * for each page: {"name", "scores": {…}, "metrics": {…}, "bytes", "failed": [audit, …]}.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";

const CATEGORIES = ["performance", "accessibility", "best-practices"];
const METRICS = {
  first_contentful_paint_ms: "first-contentful-paint",
  largest_contentful_paint_ms: "largest-contentful-paint",
  total_blocking_time_ms: "total-blocking-time",
  speed_index_ms: "speed-index",
  layout_shift: "cumulative-layout-shift",
};

const plan = JSON.parse(readFileSync(0, "utf8"));

const browser = await puppeteer.launch({
  executablePath: plan.chromium,
  args: [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    // Nobody is called but the product: neither by the browser nor by a page.
    `--host-resolver-rules=MAP * ~NOTFOUND, ${plan.hosts.map((host) => `EXCLUDE ${host}`).join(", ")}`,
  ],
});

async function once({ url, cookies }) {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    if (cookies.length > 0) await context.setCookie(...cookies);
    const flags = { output: "json", logLevel: "error", onlyCategories: CATEGORIES };
    const result = await lighthouse(url, flags, undefined, page);
    if (result === undefined) throw new Error(`no result for ${url}`);
    const { lhr } = result;
    if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
    // A page that sends the visitor elsewhere would be measured under another's name.
    if (new URL(lhr.finalDisplayedUrl).pathname !== new URL(url).pathname) {
      throw new Error(`${url} led to ${lhr.finalDisplayedUrl}`);
    }
    return lhr;
  } finally {
    await context.close();
  }
}

function summary(name, lhr) {
  const { audits, categories } = lhr;
  const scores = Object.fromEntries(
    CATEGORIES.map((each) => [each, Math.round((categories[each].score ?? 0) * 100)]),
  );
  const metrics = Object.fromEntries(
    Object.entries(METRICS).map(([key, audit]) => [key, audits[audit].numericValue]),
  );
  const failed = Object.values(categories)
    .flatMap(({ auditRefs }) => auditRefs)
    .filter(({ weight, id }) => weight > 0 && audits[id].score !== null && audits[id].score < 0.9)
    .map(({ id }) => id);
  return { name, scores, metrics, bytes: audits["total-byte-weight"].numericValue, failed };
}

try {
  for (const page of plan.pages) {
    const runs = [];
    // A machine that was busy elsewhere for a moment can lose a trace: that run is made again, once.
    for (let run = 0; run < plan.runs; run += 1) {
      runs.push(await once(page).catch(() => once(page)));
    }
    runs.sort((a, b) => a.categories.performance.score - b.categories.performance.score);
    const middle = runs[Math.floor(runs.length / 2)];
    writeFileSync(join(plan.out, `${page.name}.json`), JSON.stringify(middle, null, 2));
    console.log(JSON.stringify(summary(page.name, middle)));
  }
} finally {
  await browser.close();
}
