import type { HtmlTagDescriptor, Plugin } from "vite";

/** The texts that the first page waits for, in the language of most. */
const TEXTS = /\/sv\/(common|start)\.json$/;

/** Names the Swedish texts in the page itself, so that they are fetched beside the code. */
export function swedishFirst(): Plugin {
  return {
    name: "vardrum:swedish-first",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        const files = Object.values(bundle ?? {}).filter(
          (each) => each.type === "chunk" && TEXTS.test(each.facadeModuleId ?? ""),
        );
        if (files.length !== 2) throw new Error("the Swedish texts are not where they were");
        return files.map(
          ({ fileName }): HtmlTagDescriptor => ({
            tag: "link",
            attrs: { rel: "modulepreload", crossorigin: true, href: `/${fileName}` },
            injectTo: "head",
          }),
        );
      },
    },
  };
}
