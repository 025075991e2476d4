/**
 * Compiles the ICU messages of `src/i18n/<language>/<area>.json` while the client is built, so that
 * the message parser never reaches a browser. A message that does not parse stops the build.
 */
import { compileMessage } from "@lingui/message-utils/compileMessage";
import type { Plugin } from "vite";

const CATALOGUE = /\/src\/i18n\/[a-z]{2}\/[a-z]+\.json$/;

export function catalogues(): Plugin {
  return {
    name: "vardrum-catalogues",
    enforce: "pre",
    transform: {
      filter: { id: CATALOGUE },
      handler(code, id) {
        const messages = JSON.parse(code) as Record<string, string>;
        const compiled: Record<string, unknown> = {};
        for (const [key, text] of Object.entries(messages)) {
          try {
            compiled[key] = compileMessage(text);
          } catch (error) {
            this.error(`${id}: ${key}: ${String(error)}`);
          }
        }
        return { code: JSON.stringify(compiled), map: null };
      },
    },
  };
}
