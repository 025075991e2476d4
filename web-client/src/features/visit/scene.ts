/** What the stage shows, decided from the visit, the call and what is known of the other. Pure. */
import type { CallView } from "../../call/view";
import type { Audience, Visit } from "../../wire/types";
import { othersIn } from "./seated";

export type Scene =
  | "called"
  | "explaining"
  | "asking"
  | "connecting"
  | "falling"
  | "replaced"
  | "over"
  | "left"
  | "away"
  | "waiting"
  | "camera_off"
  | "pictures_off"
  | "on_hold"
  | "holding"
  | "picture_late"
  | "picture";

interface Seen {
  readonly audience: Audience;
  readonly visit: Pick<Visit, "state" | "patient_left_at">;
  readonly call: Pick<CallView, "state" | "picture" | "seating">;
  /** From presence; null when nothing has been heard. */
  readonly peerOnline: boolean | null;
  /** There is more to see than the other: each picture says for itself how it stands. */
  readonly crowd: boolean;
}

export function sceneOf({ audience, visit, call, peerOnline, crowd }: Seen): Scene {
  if (visit.state === "called") return "called";
  switch (call.state.phase) {
    case "ended":
      return "over";
    case "explaining":
      return "explaining";
    case "asking_devices":
      return "asking";
    case "replaced":
      return "replaced";
    case "fallen_back":
      return "falling";
    case "idle":
    case "joining":
    case "connecting":
      return "connecting";
    case "live":
    case "reconnecting":
  }
  if (call.state.onHold) return "holding";
  if (crowd) return "picture";
  const { peer, spared } = call.state;
  if (spared.pictures && peer?.joined === true && peer.cameraOn) return "pictures_off";
  // Frames that arrive outweigh what a hint said: hints may be lost.
  if (call.picture === "moving") return "picture";
  if (audience === "staff" && visit.patient_left_at !== null) return "left";
  if (peer?.joined !== true) return peerOnline === false ? "away" : "waiting";
  if (othersIn(call.seating)[0]?.seat.on_hold_since != null) return "on_hold";
  if (!peer.cameraOn) return "camera_off";
  // One's own line is broken: the last picture stays, and a notice says so.
  if (call.picture === "still" || call.state.phase === "reconnecting") return "picture";
  return peerOnline === false ? "away" : "picture_late";
}
