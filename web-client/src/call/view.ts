/** What the call shows to the screen, what it needs from outside, and what may be told to it. */
import { ApiError } from "../wire/problem";
import type { Seating } from "../wire/generated";
import type { Live, LiveStatus } from "../wire/socket";
import type { Advice } from "./adviser";
import type { DeviceList } from "./devices";
import type { CallEvent, CallState, ModeReason, PeerView, SocketState } from "./model";
import type { Picture } from "./monitor";
import type { Shown as Hidden } from "./private/messages";
import type { Verdict } from "./quality";
import type { Shown } from "./reconnect";

/** Whether the server can see and hear the call. */
export interface CallPrivacy extends Hidden {
  /** This browser hides what it sends; or it cannot, or said that it would and did not. */
  readonly own: "hides" | "cannot" | "did_not";
}

export const NO_PRIVACY: CallPrivacy = {
  state: "alone",
  cannot: [],
  code: null,
  unread: [],
  own: "hides",
};

export interface CallView {
  readonly state: CallState;
  readonly shown: Shown;
  /** What the browser itself says of the line; all that is known of it is in `advice`. */
  readonly verdict: Verdict;
  readonly advice: Advice;
  /** What there is to see of the other person. */
  readonly picture: Picture;
  readonly own: MediaStream | null;
  /** What the others hear of one: nothing while muted. */
  readonly voice: MediaStream | null;
  /** Of the other person, or of the first of several. */
  readonly remote: MediaStream | null;
  /** Who sits in which slot, and what comes in each: the streams stay, whoever sits there. */
  readonly seating: Seating | null;
  readonly slots: readonly MediaStream[];
  /** The stream in which somebody's screen comes. */
  readonly screen: MediaStream | null;
  readonly privacy: CallPrivacy;
  readonly devices: DeviceList;
}

export interface CallPorts {
  readonly live: Pick<Live, "emit" | "on" | "status" | "subscribe">;
  /** PUT mode chat; rejects while nobody answers. */
  readonly goChat: (reason: ModeReason) => Promise<void>;
  /** There is a chat for this person to go on in. */
  readonly chat: boolean;
  /** Somebody signs or reads: the camera is on to begin with, whatever this device had last. */
  readonly pictures: boolean;
}

type WithoutTime<E> = E extends unknown ? Omit<E, "at"> : never;
export type Told = WithoutTime<CallEvent>;

export function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : "client.error";
}

export function socketOf(status: LiveStatus): SocketState {
  if (status === "connected") return "up";
  return status === "blocked" ? "blocked" : "down";
}

export function peerOf(wire: { joined: boolean; mic_on: boolean; camera_on: boolean }): PeerView {
  return { joined: wire.joined, micOn: wire.mic_on, cameraOn: wire.camera_on };
}
