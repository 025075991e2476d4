import { describe, expect, it } from "vitest";
import type { CallView } from "../../call/view";
import { freshCall, type CallState, type PeerView, type Phase } from "../../call/model";
import { seat, seating } from "../../call/testing/seats";
import type { Seat } from "../../wire/generated";
import { sceneOf, type Scene } from "./scene";

const HERE: PeerView = { joined: true, micOn: true, cameraOn: true };

const OFF = { ...HERE, micOn: false, cameraOn: false };
const PAUSED = { on_hold_since: "2026-03-01T12:00:00Z", camera_on: false };
const NO_PICTURES = { spared: { camera: false, pictures: true } };

interface Row {
  readonly phase: Phase;
  readonly peer?: PeerView | null;
  readonly picture?: CallView["picture"];
  readonly online?: boolean | null;
  readonly audience?: "patient" | "staff";
  readonly leftAt?: string;
  readonly crowd?: boolean;
  readonly seat?: Partial<Seat>;
  readonly own?: Partial<CallState>;
  readonly then: Scene;
}

const TABLE: readonly Row[] = [
  { phase: "idle", then: "connecting" },
  { phase: "explaining", then: "explaining" },
  { phase: "asking_devices", then: "asking" },
  { phase: "connecting", then: "connecting" },
  { phase: "fallen_back", then: "falling" },
  { phase: "replaced", then: "replaced" },
  { phase: "ended", then: "over" },
  { phase: "live", peer: HERE, picture: "moving", then: "picture" },
  { phase: "live", peer: HERE, picture: "still", then: "picture" },
  { phase: "live", peer: HERE, then: "picture_late" },
  { phase: "live", peer: { ...HERE, cameraOn: false }, picture: "still", then: "camera_off" },
  { phase: "live", peer: HERE, online: false, then: "away" },
  { phase: "live", peer: { ...HERE, cameraOn: false }, then: "camera_off" },
  { phase: "live", peer: { ...HERE, joined: false }, then: "waiting" },
  { phase: "live", peer: { ...HERE, joined: false }, online: false, then: "away" },
  { phase: "live", peer: null, then: "waiting" },
  // A hint was lost, but the picture is there.
  { phase: "live", peer: { ...HERE, joined: false }, picture: "moving", then: "picture" },
  { phase: "live", peer: { ...HERE, joined: false }, audience: "staff", leftAt: "x", then: "left" },
  { phase: "reconnecting", peer: HERE, then: "picture" },
  // Of several, each picture says for itself how it stands.
  { phase: "live", peer: { ...HERE, cameraOn: false }, crowd: true, then: "picture" },
  { phase: "live", peer: null, crowd: true, online: false, then: "picture" },
  { phase: "connecting", peer: HERE, crowd: true, then: "connecting" },
  { phase: "reconnecting", peer: { ...HERE, cameraOn: false }, then: "camera_off" },
  // Paused by the other, by oneself, with several; and no picture wanted.
  { phase: "live", peer: OFF, seat: PAUSED, then: "on_hold" },
  { phase: "live", peer: OFF, seat: PAUSED, online: false, then: "on_hold" },
  { phase: "live", peer: HERE, seat: PAUSED, picture: "moving", then: "picture" },
  { phase: "live", peer: HERE, own: { onHold: true }, picture: "moving", then: "holding" },
  { phase: "reconnecting", peer: null, own: { onHold: true }, crowd: true, then: "holding" },
  { phase: "connecting", own: { onHold: true }, then: "connecting" },
  { phase: "live", peer: HERE, own: NO_PICTURES, picture: "moving", then: "pictures_off" },
  { phase: "live", peer: OFF, own: NO_PICTURES, then: "camera_off" },
];

describe("the stage", () => {
  it.each(TABLE)("shows $then in $phase", (row) => {
    const state: CallState = {
      ...freshCall({ mic: true, camera: true }, "up"),
      phase: row.phase,
      peer: row.peer ?? null,
      ...row.own,
    };
    const scene = sceneOf({
      audience: row.audience ?? "patient",
      visit: { state: "in_progress", patient_left_at: row.leftAt ?? null },
      call: { state, picture: row.picture ?? "none", seating: seating([seat(row.seat)]) },
      peerOnline: row.online ?? null,
      crowd: row.crowd ?? false,
    });
    expect(scene).toBe(row.then);
  });

  it("waits for an answer before there is a call", () => {
    const scene = sceneOf({
      audience: "patient",
      visit: { state: "called", patient_left_at: null },
      call: {
        state: freshCall({ mic: true, camera: true }, "up"),
        picture: "none",
        seating: null,
      },
      peerOnline: null,
      crowd: true,
    });
    expect(scene).toBe("called");
  });
});
