import { expect, it } from "vitest";
import type { CallView } from "../../call/view";
import { freshCall, type Phase } from "../../call/model";
import { seat } from "../../call/testing/seats";
import { guestSceneOf } from "./scene";

const NOBODY = [null, null, null, null, null];
const SOMEBODY = [null, seat({ camera_on: false })];

function call(phase: Phase, slots: readonly unknown[] = NOBODY, picture = "none"): CallView {
  const state = { ...freshCall({ mic: true, camera: true }, "up"), phase };
  return { state, seating: { slots }, picture } as unknown as CallView;
}

it.each([
  ["idle", "connecting"],
  ["explaining", "explaining"],
  ["asking_devices", "asking"],
  ["joining", "connecting"],
  ["connecting", "connecting"],
  ["fallen_back", "no_media"],
  ["replaced", "replaced"],
] as const)("in %s the stage is %s", (phase, scene) => {
  expect(guestSceneOf({ visit: { mode: "video" }, call: call(phase) })).toBe(scene);
});

it("shows people when there are any, by word or by picture, also while the line is mended", () => {
  for (const phase of ["live", "reconnecting"] as const) {
    const seen = (of: CallView) => guestSceneOf({ visit: { mode: "video" }, call: of });
    expect(seen(call(phase))).toBe("alone");
    expect(seen(call(phase, SOMEBODY))).toBe("people");
    expect(seen(call(phase, NOBODY, "moving"))).toBe("people");
  }
});

it("says that the others write, whatever the call was doing", () => {
  for (const phase of ["idle", "live", "fallen_back"] as const) {
    expect(guestSceneOf({ visit: { mode: "chat" }, call: call(phase, SOMEBODY) })).toBe("chat");
  }
});
