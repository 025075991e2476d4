import { useMemo } from "react";
import type { Wait } from "../wire/types";
import { useLanguage, useT } from ".";

const ZONE = "Europe/Stockholm";
const LOCALE = { sv: "sv-SE", en: "en-GB" } as const;
const MINUTE = 60_000;

function dayOf(moment: Date): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(moment);
}

/**
 * Lets the browser load what it knows of times. The first time costs a slow phone a tenth of a
 * second, which is better spent while the network is waited for than in the midst of drawing.
 */
export function timesAhead(): void {
  setTimeout(() => dayOf(new Date()));
}

export interface Format {
  time: (iso: string) => string;
  date: (iso: string) => string;
  dateTime: (iso: string) => string;
  /** "07:00", "i morgon 07:00" or "fredag 4 dec 07:00": as short as it can be said. */
  moment: (iso: string) => string;
  /** How long something took, in whole minutes. */
  duration: (from: string, to: string) => string;
  /** So many seconds, in whole minutes. */
  lasted: (seconds: number) => string;
  wait: (wait: Wait) => string;
  number: (value: number) => string;
}

/** Times in words, in the person's language and in Swedish time wherever the device is. */
export function useFormat(): Format {
  const t = useT();
  const language = useLanguage();
  return useMemo(() => {
    const locale = LOCALE[language];
    const as = (options: Intl.DateTimeFormatOptions) => {
      let format: Intl.DateTimeFormat | undefined;
      return (iso: string) => {
        // Dear to make on a phone, and few pages use them all.
        format ??= new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...options });
        return format.format(new Date(iso));
      };
    };
    const time = as({ hour: "2-digit", minute: "2-digit" });
    const date = as({ day: "numeric", month: "long", year: "numeric" });
    const weekday = as({ weekday: "long", day: "numeric", month: "short" });
    const lasted = (seconds: number): string => {
      const minutes = Math.round((seconds * 1000) / MINUTE);
      return minutes < 1 ? t("common.under_a_minute") : t("common.minutes", { count: minutes });
    };
    const moment = (iso: string): string => {
      const day = dayOf(new Date(iso));
      if (day === dayOf(new Date())) return time(iso);
      if (day === dayOf(new Date(Date.now() + 24 * 60 * MINUTE))) {
        return t("common.tomorrow_at", { time: time(iso) });
      }
      return `${weekday(iso)} ${time(iso)}`;
    };
    return {
      time,
      date,
      moment,
      number: (value) => value.toLocaleString(locale),
      dateTime: (iso) => `${date(iso)} ${time(iso)}`,
      duration: (from, to) => lasted((Date.parse(to) - Date.parse(from)) / 1000),
      lasted,
      wait: (wait) => {
        if (wait.kind === "unknown") return t("common.wait.unknown");
        if (wait.high_minutes <= 5) return t("common.wait.soon");
        return t("common.wait.range", { low: wait.low_minutes, high: wait.high_minutes });
      },
    };
  }, [language, t]);
}
