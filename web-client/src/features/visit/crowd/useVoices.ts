import { useEffect, useState } from "react";
import type { Other } from "../seated";
import { hear, SILENCE, talking, type Voices } from "./voices";

const EVERY_MS = 200;

interface Heard {
  readonly speaker: string | null;
  readonly talking: readonly string[];
}

const NOBODY: Heard = { speaker: null, talking: [] };

/** Who speaks, looked at five times a second and told only when it changes. */
export function useVoices(
  levels: () => readonly number[],
  others: readonly Other[],
  apart: string | null,
): Heard {
  const [heard, setHeard] = useState<Heard>(NOBODY);
  const [voices] = useState<{ now: Voices }>(() => ({ now: SILENCE }));
  useEffect(() => {
    const timer = setInterval(() => {
      const loud = levels();
      const of = new Map(
        // Muted is muted, whatever a late packet says.
        others.map(({ id, slot, seat }) => [id, seat.mic_on ? (loud[slot] ?? 0) : 0]),
      );
      voices.now = hear(voices.now, of, apart, performance.now());
      const { speaker } = voices.now;
      const now = talking(voices.now);
      setHeard((before) =>
        before.speaker === speaker && before.talking.join() === now.join()
          ? before
          : { speaker, talking: now },
      );
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [apart, levels, others, voices]);
  return heard;
}
