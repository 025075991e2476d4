/** What a guest's stage shows, decided from the visit and the call. Pure. */
import type { CallView } from "../../call/view";
import type { GuestVisit } from "../../wire/types";
import type { GuestScene } from "./GuestStage";

interface Seen {
  readonly visit: Pick<GuestVisit, "mode">;
  readonly call: Pick<CallView, "state" | "seating" | "picture">;
}

export function guestSceneOf({ visit, call }: Seen): GuestScene {
  if (visit.mode === "chat") return "chat";
  switch (call.state.phase) {
    case "explaining":
      return "explaining";
    case "asking_devices":
      return "asking";
    case "replaced":
      return "replaced";
    case "fallen_back":
      return "no_media";
    case "idle":
    case "joining":
    case "connecting":
    case "ended":
      return "connecting";
    case "live":
    case "reconnecting":
  }
  if (call.state.onHold) return "holding";
  // Frames that arrive outweigh what a hint said: hints may be lost.
  const somebody = call.seating?.slots.some((seat) => seat !== null) === true;
  return somebody || call.picture === "moving" ? "people" : "alone";
}
