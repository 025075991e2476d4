import { useEffect, useRef, useState } from "react";
import { useAnnounce } from "../../../app/announce";
import { useT } from "../../../i18n";
import type { Viewer } from "../viewer";
import { type Comings, GRACE_MS, look, nobody } from "./comings";
import type { Somebody } from "./somebody";

/** How long the words about it stay on the stage. */
const SHOWN_MS = 7_000;

/**
 * Says politely who came and who left; the words of the latest, for as long as they are shown. Of
 * whom the visit is with the room tells by itself while the two are alone, and they were there
 * before anybody else came.
 */
export function useComings(
  people: readonly Somebody[],
  { theOther }: Pick<Viewer, "theOther">,
  crowd: boolean,
): string | null {
  const t = useT();
  const announce = useAnnounce();
  const comings = useRef<Comings<Somebody> | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const tell = useRef<() => void>(() => undefined);

  useEffect(() => {
    tell.current = () => {
      const now = new Map(people.map((one) => [one.id, one]));
      const { came, left, ...told } = look(
        comings.current ?? nobody<Somebody>(),
        now,
        performance.now(),
      );
      const unsaid = (one: Somebody): boolean =>
        one.seat.role === theOther && (comings.current === null || !crowd);
      const words = [
        ...came
          .filter((one) => !unsaid(one))
          .map(({ name, role }) => t("people.came", { name, role })),
        ...left
          .filter((one) => !unsaid(one))
          .map(({ name, role }) => t("people.left", { name, role })),
      ].join(" ");
      comings.current = told.comings;
      if (words === "") return;
      announce(words);
      setSaid(words);
    };
    tell.current();
    // Who is missed is told as gone a little later, unless they are back by then.
    if (comings.current === null || comings.current.missed.size === 0) return undefined;
    const timer = setTimeout(() => tell.current(), GRACE_MS + 100);
    return () => clearTimeout(timer);
  }, [announce, crowd, people, t, theOther]);

  useEffect(() => {
    if (said === null) return undefined;
    const timer = setTimeout(() => setSaid(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return said;
}
