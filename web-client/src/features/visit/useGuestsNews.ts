import { useState } from "react";
import { useLiveEvent, useWatch } from "../../wire/hooks";
import type { Audience } from "../../wire/types";

/** The newest version of the visit's list of guests that the server has told of; 0: nobody invited. */
export function useGuestsNews(audience: Audience, visitId: string): number {
  const [told, setTold] = useState(0);
  const hear = (version: number): void => setTold((before) => Math.max(before, version));
  useLiveEvent(audience, "guest.changed", (hint) => {
    if (hint.visit_id === visitId) hear(hint.version);
  });
  useWatch(audience, {
    onSync: (answer) => {
      const ours = answer?.visits.find((one) => one.visit_id === visitId);
      if (ours !== undefined) hear(ours.guests_version);
    },
  });
  return told;
}
