import { type ComponentType, lazy } from "react";
import { type Area, loadAreas } from "../i18n";
import { chunk } from "../wire/chunk";

/** A component that is fetched with its texts when it is first shown, or some time before. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>, ...areas: Area[]) {
  const fetched = () =>
    chunk(async () => {
      const [component] = await Promise.all([load(), loadAreas(...areas)]);
      return { default: component };
    });
  return Object.assign(lazy(fetched), {
    /** So that the next step is there even if the network is not. */
    ahead: () => void fetched().catch(() => undefined),
  });
}
