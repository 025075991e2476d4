import { useT } from "../../../i18n";
import { StatusPill } from "../../../ui";
import type { IconName } from "../../../ui";
import type { VisitState } from "../../../wire/types";

interface Look {
  tone: "info" | "ok" | "warn" | "neutral" | "lamp";
  icon: IconName;
}

const LOOKS: Record<VisitState, Look> = {
  called: { tone: "lamp", icon: "bell" },
  in_progress: { tone: "lamp", icon: "clock" },
  ended: { tone: "warn", icon: "pen" },
  documented: { tone: "ok", icon: "check" },
  no_response: { tone: "neutral", icon: "refresh" },
  no_show: { tone: "neutral", icon: "cross" },
  returned: { tone: "neutral", icon: "back" },
};

/** Where a visit stands, in the clinician's words. */
export function VisitStatePill({ state }: { state: VisitState }) {
  const t = useT();
  return (
    <StatusPill tone={LOOKS[state].tone} icon={LOOKS[state].icon}>
      {t(`staff.visit_state.${state}`)}
    </StatusPill>
  );
}
