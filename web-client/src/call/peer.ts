/** One connection to the relay. The server offers, the browser answers; no addresses are traded. */
import type { Publish } from "../wire/generated";
import { type AllLeft, type Left, leftOf } from "./private/guard";
import { PEERS, type Sent, sentIn, slotOf } from "./sections";

export interface PeerEvents {
  link(link: "connected" | "disconnected" | "failed"): void;
  /**
   * The others' sound and picture by slot, and the screen that one of them shares; the streams stay
   * the same ones, whoever sits there.
   */
  remote(slots: readonly MediaStream[], screen: MediaStream): void;
}

/** Takes the frames of a section out of the browser's hands, when it is first answered. */
export interface FrameWay {
  attach(transceiver: RTCRtpTransceiver): void;
}

export interface OwnTracks {
  readonly audio: MediaStreamTrack | null;
  readonly video: MediaStreamTrack | null;
  readonly screen: MediaStreamTrack | null;
}

/** Until the server says otherwise: enough for a face; more would only make a phone warm. */
const FOR_TWO: Publish = { height: 720, bitrate: 1_700_000, frame_rate: 30, motion: false };
const AUDIO_BITS = 40_000;
/** Small letters must stay sharp; what moves on a screen may move in steps. */
const SCREEN = { bitrate: 2_000_000, frame_rate: 15 } as const;

/** VP8 first: every browser sends and receives it, and the relay forwards one codec to both. */
function preferVp8(transceiver: RTCRtpTransceiver): void {
  const all = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const ours = all.filter(({ mimeType }) => /\/(vp8|rtx)$/i.test(mimeType));
  try {
    transceiver.setCodecPreferences(ours);
  } catch {
    // An older browser without the method, or without VP8 in its list: the offer decides then.
  }
}

/** By how much a camera's picture is made smaller; a phone held upright counts by its width. */
function shrink(track: MediaStreamTrack | null, height: number): number {
  const { width = 0, height: own = 0 } = track?.getSettings() ?? {};
  return Math.max(1, Math.min(width, own) / height);
}

export class Peer {
  readonly #pc: RTCPeerConnection;
  readonly #slots = Array.from({ length: PEERS }, () => new MediaStream());
  readonly #screen = new MediaStream();
  readonly #ears = new Map<number, RTCRtpReceiver>();
  readonly #heard: (number | undefined)[] = [];
  readonly #own = new MediaStream();
  readonly #attached = new WeakSet<RTCRtpTransceiver>();
  #senders: Partial<Record<Sent, RTCRtpSender>> = {};
  #tuned: Promise<void> = Promise.resolve();
  #publish = FOR_TWO;
  #watched = true;

  constructor(
    private readonly events: PeerEvents,
    private own: OwnTracks,
    iceServers: RTCIceServer[] = [],
    private readonly frames: FrameWay | null = null,
  ) {
    this.#pc = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers });
    this.#pc.addEventListener("connectionstatechange", () => {
      const state = this.#pc.connectionState;
      if (state === "connected" || state === "disconnected" || state === "failed") {
        this.events.link(state);
      }
      if (state === "connected") this.#tune();
    });
    this.#pc.addEventListener("track", ({ track, transceiver }) => {
      this.#attach(transceiver);
      const slot = slotOf(transceiver.mid);
      if (slot === null) return;
      (slot === "screen" ? this.#screen : this.#slots[slot])?.addTrack(track);
      if (slot !== "screen" && track.kind === "audio") this.#ears.set(slot, transceiver.receiver);
    });
  }

  /** Takes the server's offer, the first one or a restart's, and gives the answer to send back. */
  async answer(offer: string): Promise<string> {
    await this.#pc.setRemoteDescription({ type: "offer", sdp: offer });
    // All at once and before anything is waited for: Chromium takes what has no transform by then
    // for what shall have none, and lets its frames pass whatever is said later.
    for (const transceiver of this.#pc.getTransceivers()) this.#attach(transceiver);
    this.events.remote(this.#slots, this.#screen);
    for (const transceiver of this.#pc.getTransceivers()) await this.#prepare(transceiver);
    await this.#pc.setLocalDescription(await this.#pc.createAnswer());
    return this.#pc.localDescription?.sdp ?? "";
  }

  #attach(transceiver: RTCRtpTransceiver): void {
    if (this.#attached.has(transceiver)) return;
    this.#attached.add(transceiver);
    this.frames?.attach(transceiver);
  }

  async #prepare(transceiver: RTCRtpTransceiver): Promise<void> {
    const kind = sentIn(transceiver.mid);
    if (kind === null || this.#senders[kind] !== undefined) return;
    this.#senders[kind] = transceiver.sender;
    // From the start, also without a camera: switching it on later needs no new offer.
    transceiver.direction = "sendonly";
    if (kind !== "audio") preferVp8(transceiver);
    transceiver.sender.setStreams(this.#own);
    await transceiver.sender.replaceTrack(this.#track(kind));
  }

  async replace(kind: Sent, track: MediaStreamTrack | null): Promise<void> {
    this.own = { ...this.own, [kind]: track };
    try {
      await this.#senders[kind]?.replaceTrack(track);
    } catch {
      // Closed in the meantime; the next connection starts with the right track.
      return;
    }
    this.#tune();
  }

  /**
   * How much of the camera to send: less, the more there are in the call, and nothing while nobody
   * takes it, though the camera stays on.
   */
  publish(publish: Publish, watched: boolean): void {
    this.#publish = publish;
    this.#watched = watched;
    this.#tune();
  }

  /** How much to send, and whether at all; one after the other, as browsers demand. */
  #tune(): void {
    this.#tuned = this.#tuned.then(async () => {
      for (const kind of ["audio", "video", "screen"] as const) await this.#limit(kind);
    });
  }

  #track(kind: Sent): MediaStreamTrack | null {
    return this.own[kind];
  }

  async #limit(kind: Sent): Promise<void> {
    const sender = this.#senders[kind];
    if (sender === undefined) return;
    const parameters = sender.getParameters();
    const first = parameters.encodings[0];
    if (first === undefined) return;
    if (kind === "audio") {
      first.maxBitrate = AUDIO_BITS;
    } else if (kind === "screen") {
      first.maxBitrate = SCREEN.bitrate;
      first.maxFramerate = SCREEN.frame_rate;
    } else {
      first.maxBitrate = this.#publish.bitrate;
      first.maxFramerate = this.#publish.frame_rate;
      first.scaleResolutionDownBy = shrink(this.own.video, this.#publish.height);
    }
    // Without a track Firefox goes on sending the last picture, once a second: a face that the
    // person believes to be hidden.
    first.active = this.#track(kind) !== null && (kind !== "video" || this.#watched);
    // When there is not room for all, the picture gives way before the sound. Of who signs the picture
    // is the speech: there the sound gives way, and lines before movement.
    const { motion } = this.#publish;
    if (kind !== "screen") {
      first.priority = first.networkPriority = (kind === "audio") === motion ? "low" : "high";
    }
    if (kind === "video") {
      parameters.degradationPreference = motion ? "maintain-framerate" : "balanced";
      if (this.own.video !== null) this.own.video.contentHint = motion ? "motion" : "";
    }
    // Not every browser takes every field; its own limits are good enough.
    await sender.setParameters(parameters).catch(() => undefined);
  }

  /** How loud it is in each slot just now, 0–1. Who sent nothing since the last look is silent. */
  levels(): number[] {
    return this.#slots.map((_, slot) => {
      const [heard] = this.#ears.get(slot)?.getSynchronizationSources() ?? [];
      const fresh = heard !== undefined && heard.timestamp !== this.#heard[slot];
      this.#heard[slot] = heard?.timestamp;
      return fresh ? (heard.audioLevel ?? 0) : 0;
    });
  }

  /** What each of one's own sections says has left. Null without a connection. */
  async left(): Promise<AllLeft | null> {
    if (this.#pc.connectionState === "closed") return null;
    const [audio, video, screen] = await Promise.all([
      this.#leftOf("audio"),
      this.#leftOf("video"),
      this.#leftOf("screen"),
    ]);
    return { audio, video, screen };
  }

  async #leftOf(kind: Sent): Promise<Left> {
    const report = await this.#senders[kind]?.getStats().catch(() => null);
    return leftOf(kind, report?.values() ?? []);
  }

  async stats(): Promise<RTCStatsReport | null> {
    if (this.#pc.connectionState === "closed") return null;
    return await this.#pc.getStats().catch(() => null);
  }

  close(): void {
    this.#pc.close();
  }
}
