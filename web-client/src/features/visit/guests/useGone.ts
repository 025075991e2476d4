import { useEffect, useRef } from "react";
import { useAnnounce } from "../../../app/announce";
import { useT } from "../../../i18n";
import type { Guest } from "../../../wire/types";

/** Says who goes for good, while one is there to hear it. */
export function useGone(guests: readonly Guest[]): void {
  const t = useT();
  const announce = useAnnounce();
  const live = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const left = guests.filter(({ id, gone_at }) => gone_at !== null && live.current.has(id));
    live.current = new Set(guests.filter(({ gone_at }) => gone_at === null).map(({ id }) => id));
    if (left.length > 0) announce(left.map(({ name }) => t("people.gone", { name })).join(" "));
  }, [announce, guests, t]);
}
