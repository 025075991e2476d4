import type { HtmlTagDescriptor, Plugin } from "vite";

/** The texts that the first page waits for, in the language of most. */
const TEXTS = /\/sv\/(common|start)\.json$/;
const FONT = /\.woff2$/;

/**
 * Names in the page itself what its first paint waits for, so that it is fetched beside the code:
 * the Swedish texts, and the font, which would otherwise be asked for when the first word is drawn
 * and then move the words around it.
 */
export function firstPaint(): Plugin {
  return {
    name: "vardrum:first-paint",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        const all = Object.values(bundle ?? {});
        const texts = all.filter(
          (each) => each.type === "chunk" && TEXTS.test(each.facadeModuleId ?? ""),
        );
        const fonts = all.filter(({ fileName }) => FONT.test(fileName));
        if (texts.length !== 2) throw new Error("the Swedish texts are not where they were");
        if (fonts.length !== 1) throw new Error("there is not one font: which comes first?");
        const link = (fileName: string, attrs: Record<string, string>): HtmlTagDescriptor => ({
          tag: "link",
          attrs: { ...attrs, crossorigin: true, href: `/${fileName}` },
          injectTo: "head",
        });
        return [
          ...texts.map(({ fileName }) => link(fileName, { rel: "modulepreload" })),
          ...fonts.map(({ fileName }) =>
            link(fileName, { rel: "preload", as: "font", type: "font/woff2" }),
          ),
        ];
      },
    },
  };
}
