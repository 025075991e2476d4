/** The test's result as it goes to whoever receives. Pure. */
import type { EchoFailure } from "../../call/echo";
import type { EquipmentIn } from "../../wire/types";
import type { Measured } from "./network";
import type { CheckState, Hearing } from "./useCheck";

export interface Findings {
  readonly hearing: Hearing;
  readonly speaker: EquipmentIn["speaker"];
  readonly network: Measured | EchoFailure | null;
}

export const NOTHING_FOUND: Findings = { hearing: "listening", speaker: "untested", network: null };

const UNMEASURED = {
  round_trip_ms: null,
  loss_percent: null,
  up_kbps: null,
  down_kbps: null,
  transport: null,
} as const;

type NetworkPart = Pick<EquipmentIn, "network" | keyof typeof UNMEASURED>;

function networkPart(found: Findings["network"]): NetworkPart {
  if (found === null || found === "server") return { network: "untested", ...UNMEASURED };
  // Without the socket there is no call either, whatever else comes through.
  if (typeof found === "string") return { network: "blocked", ...UNMEASURED };
  return found;
}

/** Null while nothing was tested. */
export function equipmentOf(state: CheckState, found: Findings): EquipmentIn | null {
  if (state.stage === "trouble") {
    // What the page may not ask for is as good as refused.
    const why = state.trouble === "insecure" ? "denied" : state.trouble;
    return { camera: why, microphone: why, speaker: found.speaker, ...networkPart(null) };
  }
  if (state.stage !== "live") return null;
  const { camera, microphone } = state.opened;
  const heard = { listening: "untested", heard: "heard", silent: "silent" } as const;
  return {
    camera,
    microphone: microphone === "ok" ? heard[found.hearing] : microphone,
    speaker: found.speaker,
    ...networkPart(found.network),
  };
}
