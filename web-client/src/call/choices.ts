/** Microphone and camera on or off, for this visit in this tab: a reload must not unmute anybody. */
import type { Pair } from "./model";

function place(visitId: string): string {
  return `vardrum.call.${visitId}`;
}

export function recall(visitId: string, cameraByDefault: boolean): Pair {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(place(visitId)) ?? "null");
    if (typeof value === "object" && value !== null && "mic" in value && "camera" in value) {
      return { mic: value.mic === true, camera: value.camera === true };
    }
  } catch {
    // Storage refused or spoilt: begin as if for the first time.
  }
  return { mic: true, camera: cameraByDefault };
}

export function remember(visitId: string, wanted: Pair): void {
  try {
    sessionStorage.setItem(place(visitId), JSON.stringify(wanted));
  } catch {
    // A private window may refuse: the choice lasts as long as the page.
  }
}
