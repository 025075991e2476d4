import type { HtmlTagDescriptor, Plugin, Rolldown } from "vite";
import texts from "../src/i18n/sv/common.json" with { type: "json" };

/** The texts that the first page waits for, in the language of most. */
const TEXTS = /\/sv\/(common|start)\.json$/;
const FONT = /\.woff2$/;

/** What the page of a waiting patient is made of, which its code would name one after the other. */
const QUEUE = /\/src\/app\/(way|known)\.tsx?$|\/sv\/(help|needs|patient)\.json$/;

const EMPTY = '<div id="root"></div>';

function number(key: "emergency" | "advice"): string {
  const call = texts[`common.${key}.call`];
  const digits = /\d+/.exec(call)?.[0];
  if (!digits) throw new Error(`no number to call in "${call}"`);
  return `<a href="tel:${digits}"><span>${texts[`common.${key}.question`]}</span> <strong>${call}</strong></a>`;
}

/** The strip that `Shell` draws at the top of every page of the patient. */
const STRIP = `<aside class="emergency-strip" aria-label="${texts["common.emergency.label"]}"><div>${number("emergency")}${number("advice")}</div></aside>`;

/** The files of these modules and of all that they import, code and styles. */
function filesOf(wanted: RegExp, bundle: Rolldown.OutputBundle): string[] {
  const files = new Set<string>();
  const take = (fileName: string) => {
    const chunk = bundle[fileName];
    if (chunk?.type !== "chunk" || files.has(fileName)) return;
    files.add(fileName);
    for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(style);
    chunk.imports.forEach(take);
  };
  const entries = Object.values(bundle).filter(
    (each) => each.type === "chunk" && wanted.test(each.facadeModuleId ?? ""),
  );
  if (entries.length !== 5) throw new Error("the queue's code is not where it was");
  for (const { fileName } of entries) take(fileName);
  return [...files];
}

/** Asks for the files beside the page's own; a style is in force only when its code asks for it. */
function askFor(files: readonly string[], html: string): string {
  const links = files
    .filter((name) => !html.includes(`"/${name}"`))
    .map((name) =>
      name.endsWith(".css")
        ? `<link rel="preload" as="style" fetchpriority="low" crossorigin href="/${name}">`
        : `<link rel="modulepreload" fetchpriority="low" crossorigin href="/${name}">`,
    );
  return html.replace("</head>", `${links.join("\n    ")}\n  </head>`);
}

/**
 * Names in the page itself what its first paint waits for, so that it is fetched beside the code:
 * the Swedish texts, and the font, which would otherwise be asked for when the first word is drawn
 * and then move the words around it. For the patient's pages it makes a page of its own, `patient.html`,
 * which has the two numbers to call before the program is there, on however slow a network, and
 * for who waits in the queue `queue.html`, which asks for the queue's code at once as well.
 */
export function firstPaint(): Plugin {
  return {
    name: "vardrum:first-paint",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        const all = Object.values(bundle ?? {});
        const catalogues = all.filter(
          (each) => each.type === "chunk" && TEXTS.test(each.facadeModuleId ?? ""),
        );
        const fonts = all.filter(({ fileName }) => FONT.test(fileName));
        if (catalogues.length !== 2) throw new Error("the Swedish texts are not where they were");
        if (fonts.length !== 1) throw new Error("there is not one font: which comes first?");
        const link = (fileName: string, attrs: Record<string, string>): HtmlTagDescriptor => ({
          tag: "link",
          attrs: { ...attrs, crossorigin: true, href: `/${fileName}` },
          injectTo: "head",
        });
        return [
          ...catalogues.map(({ fileName }) => link(fileName, { rel: "modulepreload" })),
          ...fonts.map(({ fileName }) =>
            link(fileName, { rel: "preload", as: "font", type: "font/woff2" }),
          ),
        ];
      },
    },
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const page = bundle["index.html"];
        if (page?.type !== "asset") throw new Error("the page is not where it was");
        const html = page.source.toString();
        if (!html.includes(EMPTY)) throw new Error("the page has no empty root");
        const source = html.replace(
          EMPTY,
          `<div id="root">${STRIP}<div class="page-to-come"></div></div>`,
        );
        this.emitFile({ type: "asset", fileName: "patient.html", source });
        const queue = askFor(filesOf(QUEUE, bundle), source);
        this.emitFile({ type: "asset", fileName: "queue.html", source: queue });
      },
    },
  };
}
