import { type ComponentType, lazy } from "react";
import { type Area, loadAreas } from "../i18n";
import { chunk } from "../wire/chunk";

interface Module<P> {
  default: ComponentType<P>;
}

/** A component that is fetched with its texts when it is first shown, or some time before. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>, ...areas: Area[]) {
  let here: Module<P> | null = null;
  const fetched = () =>
    chunk(async () => {
      const [component] = await Promise.all([load(), loadAreas(...areas)]);
      here = { default: component };
      return here;
    });
  /**
   * What was fetched ahead is answered at once and not a turn later: for that one turn React would
   * show the fallback, and having shown one it keeps it for 0.3 s.
   */
  const atOnce = (module: Module<P>) =>
    ({ then: (take: (module: Module<P>) => void) => take(module) }) as Promise<Module<P>>;
  return Object.assign(
    lazy(() => (here ? atOnce(here) : fetched())),
    {
      /** So that the next step is there even if the network is not. */
      ahead: async (): Promise<void> => {
        await fetched().catch(() => undefined);
      },
    },
  );
}
