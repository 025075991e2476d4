import type { Plugin } from "vite";

/**
 * React has had `useSyncExternalStore` of its own since 18; two libraries still bring one along.
 */
const STORE = 'export { useSyncExternalStore } from "react";';

/**
 * What the client changes goes through `useAction`, which keeps one idempotency key over a person's
 * own retries: the query library's mutations are never used, but its client holds a store of them.
 */
const NO_MUTATIONS = `export class MutationCache {
  clear() {}
  findAll() { return []; }
  resumePausedMutations() { return Promise.resolve(); }
}`;

/** Leaves out of the built client what libraries bring and it never runs: 1.4 kB of the first load. */
export function lean(): Plugin {
  return {
    name: "vardrum:lean",
    apply: "build",
    enforce: "pre",
    resolveId(source, importer) {
      if (/^use-sync-external-store\/shim(\/index\.js)?$/.test(source)) return "\0own-store";
      if (source === "./mutationCache.js" && /query-core.*queryClient\.js$/.test(importer ?? "")) {
        return "\0no-mutations";
      }
      return null;
    },
    load(id) {
      if (id === "\0own-store") return STORE;
      return id === "\0no-mutations" ? NO_MUTATIONS : null;
    },
  };
}
