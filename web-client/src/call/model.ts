/**
 * What a call is, in words that need neither a screen nor a network.
 *
 * Times are milliseconds on any clock that only goes forward; every event carries its own,
 * so that the reducer has no clock and a test can walk it at random.
 */

import { NOTHING_SPARED, type Spared } from "./ladder";

export type Phase =
  | "idle" /* no call: the visit has not started, is in chat, or the person has left */
  | "explaining" /* says why the browser is about to ask for camera and microphone */
  | "asking_devices"
  | "joining" /* asking the server for its offer */
  | "connecting" /* answered; waiting for the first packet */
  | "live"
  | "reconnecting"
  | "fallen_back" /* gave the call up; the visit goes on in chat */
  | "replaced" /* the same person continues in another tab */
  | "ended";

/** Why a visit changed to chat; the words of the wire (PUT mode). */
export type ModeReason =
  | "chosen"
  | "permission_denied"
  | "no_device"
  | "media_blocked"
  | "connection_lost";

export type DeviceNotice =
  | "no_camera"
  | "no_microphone"
  | "camera_busy"
  | "microphone_busy"
  | "camera_denied"
  | "microphone_denied"
  | "camera_gone"
  | "microphone_gone"
  | "camera_changed"
  | "microphone_changed"
  | "camera_back"
  | "microphone_back"
  | "screen_failed"
  | "screen_system"
  | "screen_taken";

export interface Pair {
  readonly mic: boolean;
  readonly camera: boolean;
}

/** What leaves this browser, and what is to come to it. */
export interface Sending extends Pair {
  readonly screen: boolean;
  /** The others' cameras are wanted. */
  readonly pictures: boolean;
  /** What is off is so that the sound comes through. */
  readonly soundFirst: boolean;
  readonly onHold: boolean;
}

export interface PeerView {
  readonly joined: boolean;
  readonly micOn: boolean;
  readonly cameraOn: boolean;
}

/** How signalling stands. `blocked`: no socket gets through this network, though HTTP does. */
export type SocketState = "up" | "down" | "blocked";

/** How the link stands while it does not work. `waiting`: a new connection is on its way. */
type Link = "waiting" | "quiet" | "disconnected" | "failed" | "lost";

export interface Trouble {
  /** When it began; kept through every attempt, until packets flow again. */
  readonly since: number;
  readonly link: Link;
  readonly restartAt: number | null;
  readonly joinAt: number | null;
  /** A join has been sent and not been answered. */
  readonly asking: boolean;
}

export interface CallState {
  readonly phase: Phase;
  /** What the person wants to send. */
  readonly wanted: Pair;
  /** What is left out of it so that the sound comes through. */
  readonly spared: Spared;
  /** Paused by the person: nothing is sent or comes, and all is as it was when it goes on. */
  readonly onHold: boolean;
  /** What there is a device for. */
  readonly have: Pair;
  readonly notice: DeviceNotice | null;
  /** One's own screen is shared. */
  readonly sharing: boolean;
  readonly leg: string | null;
  /** Counts the joins, so that an answer to an earlier one is recognised and dropped. */
  readonly attempt: number;
  readonly connectedOnce: boolean;
  readonly liveSince: number | null;
  readonly socket: SocketState;
  /** When `socket` last changed. */
  readonly socketSince: number;
  readonly trouble: Trouble | null;
  readonly reason: ModeReason | null;
  readonly peer: PeerView | null;
}

export type CallEvent =
  /* The visit is a video visit in progress. `granted`: the browser will not ask again. */
  | { readonly type: "start"; readonly at: number; readonly granted: boolean }
  | { readonly type: "explained"; readonly at: number }
  | {
      readonly type: "devices_ready";
      readonly at: number;
      readonly have: Pair;
      readonly notice: DeviceNotice | null;
    }
  | {
      readonly type: "devices_refused";
      readonly at: number;
      readonly reason: "permission_denied" | "no_device";
    }
  | {
      readonly type: "joined";
      readonly at: number;
      readonly attempt: number;
      readonly leg: string;
      readonly peer: PeerView;
    }
  | {
      readonly type: "join_refused";
      readonly at: number;
      readonly attempt: number;
      readonly code: string;
    }
  | {
      readonly type: "link";
      readonly at: number;
      readonly leg: string;
      readonly link: "connected" | "disconnected" | "failed";
    }
  /* No packet of any kind since `since`, though the browser still believes in the connection. */
  | { readonly type: "quiet"; readonly at: number; readonly leg: string; readonly since: number }
  | { readonly type: "flowing"; readonly at: number; readonly leg: string }
  | {
      /* What was asked of the leg. */
      readonly type: "refused";
      readonly at: number;
      readonly leg: string;
      readonly code: string;
    }
  | {
      readonly type: "lost";
      readonly at: number;
      readonly leg: string;
      readonly reason: "worker" | "replaced" | "closed";
    }
  | { readonly type: "socket"; readonly at: number; readonly socket: SocketState }
  | { readonly type: "peer"; readonly at: number; readonly peer: PeerView }
  | {
      readonly type: "want";
      readonly at: number;
      readonly mic?: boolean;
      readonly camera?: boolean;
    }
  | {
      readonly type: "device";
      readonly at: number;
      readonly kind: "mic" | "camera";
      readonly have: boolean;
      readonly notice: DeviceNotice | null;
    }
  /* One's own screen: it was picked, or has ended (by the person, the browser or another's). */
  | {
      readonly type: "screen";
      readonly at: number;
      readonly on: boolean;
      readonly notice: DeviceNotice | null;
    }
  | { readonly type: "spare"; readonly at: number; readonly spared: Spared }
  | { readonly type: "hold"; readonly at: number; readonly on: boolean }
  | { readonly type: "notice_read"; readonly at: number }
  | { readonly type: "prefer_chat"; readonly at: number }
  | { readonly type: "take_over"; readonly at: number }
  /* The visit is in chat now, or the person has left: no call, and no reason to start one. */
  | { readonly type: "stop"; readonly at: number }
  | { readonly type: "visit_over"; readonly at: number }
  | { readonly type: "tick"; readonly at: number };

export type Command =
  | { readonly type: "ask_devices"; readonly camera: boolean }
  | { readonly type: "join"; readonly attempt: number }
  | { readonly type: "restart"; readonly leg: string }
  | { readonly type: "close_peer" }
  | { readonly type: "release_devices" }
  | { readonly type: "stop_screen" }
  /* The screen stays picked, and is sent or not. */
  | { readonly type: "send_screen"; readonly on: boolean }
  | { readonly type: "leave"; readonly leg: string }
  /* `asked`: what the person just switched on, so that a missing device is looked for again. */
  | { readonly type: "apply_wanted"; readonly wanted: Pair; readonly asked: Pair }
  | { readonly type: "tell_state"; readonly leg: string; readonly on: Sending }
  | { readonly type: "go_chat"; readonly reason: ModeReason }
  | { readonly type: "remember"; readonly wanted: Pair; readonly onHold: boolean };

export interface Step {
  readonly state: CallState;
  readonly commands: readonly Command[];
}

/** Every move there is; whatever is not here is a fault in the reducer. */
export const NEXT: Readonly<Record<Phase, readonly Phase[]>> = {
  idle: ["explaining", "asking_devices", "fallen_back", "ended"],
  explaining: ["asking_devices", "fallen_back", "idle", "ended"],
  asking_devices: ["joining", "fallen_back", "idle", "ended"],
  joining: ["connecting", "fallen_back", "replaced", "idle", "ended"],
  connecting: ["joining", "live", "fallen_back", "replaced", "idle", "ended"],
  live: ["reconnecting", "fallen_back", "replaced", "idle", "ended"],
  reconnecting: ["live", "fallen_back", "replaced", "idle", "ended"],
  fallen_back: ["idle", "ended"],
  replaced: ["asking_devices", "idle", "ended"],
  ended: [],
};

export function freshCall(wanted: Pair, socket: SocketState, onHold = false): CallState {
  return {
    phase: "idle",
    wanted,
    spared: NOTHING_SPARED,
    onHold,
    have: { mic: false, camera: false },
    notice: null,
    sharing: false,
    leg: null,
    attempt: 0,
    connectedOnce: false,
    liveSince: null,
    socket,
    socketSince: 0,
    trouble: null,
    reason: null,
    peer: null,
  };
}

/** Has a connection, or is on its way to one. */
export function inCall(phase: Phase): boolean {
  return (
    phase === "joining" || phase === "connecting" || phase === "live" || phase === "reconnecting"
  );
}

/** What is wanted of one's devices just now. */
export function effective({ wanted, spared, onHold }: Wanting): Pair {
  return { mic: wanted.mic && !onHold, camera: wanted.camera && !spared.camera && !onHold };
}

type Wanting = Pick<CallState, "wanted" | "spared" | "onHold">;

/** What is wanted, and there is a device for. */
export function sending(state: Wanting & Pick<CallState, "have" | "sharing">): Sending {
  const { have, sharing, spared, onHold } = state;
  const { mic, camera } = effective(state);
  return {
    mic: mic && have.mic,
    camera: camera && have.camera,
    screen: sharing && !onHold,
    pictures: !spared.pictures,
    soundFirst: spared.camera || spared.pictures,
    onHold,
  };
}
