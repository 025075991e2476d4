import { useT } from "../../../i18n";
import { waited } from "../duration";

/** "under 1 min", "12 min", "1 h 05 min": how long somebody has waited. */
export function useWaitText(): (from: string, now: number) => string {
  const t = useT();
  return (from, now) => {
    const { hours, minutes } = waited(from, now);
    if (hours > 0) {
      return t("staff.wait.hours", { hours, minutes: String(minutes).padStart(2, "0") });
    }
    return minutes === 0 ? t("staff.wait.under") : t("staff.wait.minutes", { minutes });
  };
}
