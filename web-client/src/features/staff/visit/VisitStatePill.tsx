import { useT } from "../../../i18n";
import { StatusPill } from "../../../ui";
import type { IconName } from "../../../ui";
import type { VisitState } from "../../../wire/types";
import { type Standing, stageOf } from "./stage";

interface Look {
  tone: "info" | "ok" | "warn" | "neutral" | "lamp";
  icon: IconName;
}

const LOOKS: Record<VisitState | "left", Look> = {
  called: { tone: "lamp", icon: "bell" },
  in_progress: { tone: "lamp", icon: "clock" },
  ended: { tone: "warn", icon: "pen" },
  documented: { tone: "ok", icon: "check" },
  left: { tone: "neutral", icon: "cross" },
  no_response: { tone: "neutral", icon: "refresh" },
  no_show: { tone: "neutral", icon: "cross" },
  returned: { tone: "neutral", icon: "back" },
};

/** Where a visit stands, in the clinician's words. */
export function VisitStatePill({ visit }: { visit: Standing }) {
  const t = useT();
  const state = visit.state === "ended" && stageOf(visit) === "unmet" ? "left" : visit.state;
  return (
    <StatusPill tone={LOOKS[state].tone} icon={LOOKS[state].icon}>
      {t(`staff.visit_state.${state}`)}
    </StatusPill>
  );
}
