import { useState } from "react";
import { useLiveEvent, useWatch } from "../../wire/hooks";
import type { Audience } from "../../wire/types";

export interface GuestsNews {
  /** The newest version of the visit's list of guests; 0: nobody invited. */
  readonly version: number;
  /** Those in the lobby who have closed the page. */
  readonly away: readonly string[];
}

const NONE: GuestsNews = { version: 0, away: [] };

/** What the server has told of the visit's guests. */
export function useGuestsNews(audience: Audience, visitId: string): GuestsNews {
  const [told, setTold] = useState(NONE);
  useLiveEvent(audience, "guest.changed", (hint) => {
    if (hint.visit_id !== visitId) return;
    setTold((before) => ({
      version: Math.max(before.version, hint.version),
      // Whoever moves is there.
      away: before.away.filter((id) => id !== hint.guest_id),
    }));
  });
  useWatch(audience, {
    onSync: (answer) => {
      const ours = answer?.visits.find((one) => one.visit_id === visitId);
      if (ours === undefined) return;
      const { guests_version: version, guests_away: away } = ours;
      setTold((before) =>
        version <= before.version && away.join() === before.away.join()
          ? before
          : { version: Math.max(before.version, version), away },
      );
    },
  });
  return told;
}
