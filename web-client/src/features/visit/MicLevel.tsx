import { useEffect, useRef, useState } from "react";
import { meter } from "../../media/meter";
import { useT } from "../../i18n";
import css from "./MicLevel.module.css";

/** Of the meter's span: above it somebody speaks. */
const HEARD = 0.3;
/** The words follow more calmly than the bar. */
const WORDS_MS = 1_500;

/** How loud one's own microphone is, below its button: a bar, and words for who asks for them. */
export function MicLevel({ voice }: { voice: MediaStream | null }) {
  const t = useT();
  const bar = useRef<HTMLSpanElement>(null);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    if (voice === null) return undefined;
    const element = bar.current;
    let loudAt = -Infinity;
    const stop = meter(voice, (level) => {
      element?.style.setProperty("--level", level.toFixed(2));
      const now = performance.now();
      if (level >= HEARD) loudAt = now;
      setHeard(now - loudAt < WORDS_MS);
    });
    return () => {
      stop();
      element?.style.setProperty("--level", "0");
      setHeard(false);
    };
  }, [voice]);
  const words =
    voice === null ? "visit.level.off" : heard ? "visit.level.heard" : "visit.level.quiet";
  return (
    <span
      ref={bar}
      className={css.level}
      role="meter"
      aria-label={t("visit.level")}
      aria-valuemin={0}
      aria-valuemax={1}
      aria-valuenow={heard ? 1 : 0}
      aria-valuetext={t(words)}
    />
  );
}
