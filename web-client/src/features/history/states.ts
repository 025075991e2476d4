import type { IconName, Tone } from "../../ui";
import type { VisitState } from "../../wire/types";

interface Look {
  tone: Tone | "neutral" | "lamp";
  icon: IconName;
}

/** Icon and colour beside the word: never colour alone. */
export function stateLook(state: VisitState): Look {
  switch (state) {
    case "called":
      return { tone: "lamp", icon: "bell" };
    case "in_progress":
      return { tone: "ok", icon: "play" };
    case "ended":
      return { tone: "neutral", icon: "clock" };
    case "documented":
      return { tone: "ok", icon: "check" };
    case "no_response":
    case "no_show":
      return { tone: "warn", icon: "bellOff" };
    case "returned":
      return { tone: "neutral", icon: "swap" };
  }
}
