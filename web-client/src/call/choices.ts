/**
 * Microphone and camera on or off, and whether the call is on hold, for this visit in this tab: a
 * reload must not unmute anybody.
 */
import { chosenDevices } from "../media/chosen";
import type { Pair } from "./model";

interface Recalled {
  readonly wanted: Pair;
  readonly onHold: boolean;
}

/** Whether the camera is to be on when a call begins; `pictures`: somebody signs or reads. */
export function cameraFirst(pictures: boolean): boolean {
  return pictures || (chosenDevices.get().camera_on ?? true);
}

function place(visitId: string): string {
  return `vardrum.call.${visitId}`;
}

export function recall(visitId: string, cameraByDefault: boolean): Recalled {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(place(visitId)) ?? "null");
    if (typeof value === "object" && value !== null && "mic" in value && "camera" in value) {
      const wanted = { mic: value.mic === true, camera: value.camera === true };
      return { wanted, onHold: "onHold" in value && value.onHold === true };
    }
  } catch {
    // Storage refused or spoilt: begin as if for the first time.
  }
  return { wanted: { mic: true, camera: cameraByDefault }, onHold: false };
}

export function remember(visitId: string, wanted: Pair, onHold: boolean): void {
  try {
    sessionStorage.setItem(place(visitId), JSON.stringify({ ...wanted, onHold }));
  } catch {
    // A private window may refuse: the choice lasts as long as the page.
  }
}
