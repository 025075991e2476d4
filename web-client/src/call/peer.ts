/** One connection to the relay. The server offers, the browser answers; no addresses are traded. */

export interface PeerEvents {
  link(link: "connected" | "disconnected" | "failed"): void;
  /** The other person's sound and picture, as one stream that keeps its identity. */
  remote(stream: MediaStream): void;
}

export interface OwnTracks {
  readonly audio: MediaStreamTrack | null;
  readonly video: MediaStreamTrack | null;
}

/** Enough for a face in 720p; more would only make a phone warm. */
const VIDEO_BITS = 1_700_000;
const AUDIO_BITS = 40_000;

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

export class Peer {
  readonly #pc: RTCPeerConnection;
  readonly #remote = new MediaStream();
  readonly #own = new MediaStream();
  #senders: Partial<Record<"audio" | "video", RTCRtpSender>> = {};
  #tuned: Promise<void> = Promise.resolve();

  constructor(
    private readonly events: PeerEvents,
    private own: OwnTracks,
  ) {
    this.#pc = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: [] });
    this.#pc.addEventListener("connectionstatechange", () => {
      const state = this.#pc.connectionState;
      if (state === "connected" || state === "disconnected" || state === "failed") {
        this.events.link(state);
      }
      if (state === "connected") this.#tune();
    });
    this.#pc.addEventListener("track", ({ track }) => {
      for (const old of this.#remote.getTracks()) {
        if (old.kind === track.kind) this.#remote.removeTrack(old);
      }
      this.#remote.addTrack(track);
      this.events.remote(this.#remote);
    });
  }

  /** Takes the server's offer, the first one or a restart's, and gives the answer to send back. */
  async answer(offer: string): Promise<string> {
    await this.#pc.setRemoteDescription({ type: "offer", sdp: offer });
    for (const transceiver of this.#pc.getTransceivers()) await this.#prepare(transceiver);
    await this.#pc.setLocalDescription(await this.#pc.createAnswer());
    return this.#pc.localDescription?.sdp ?? "";
  }

  async #prepare(transceiver: RTCRtpTransceiver): Promise<void> {
    const kind = transceiver.receiver.track.kind === "audio" ? "audio" : "video";
    if (this.#senders[kind] !== undefined) return;
    this.#senders[kind] = transceiver.sender;
    // Both ways from the start, also without a camera: switching it on later needs no new offer.
    transceiver.direction = "sendrecv";
    if (kind === "video") preferVp8(transceiver);
    transceiver.sender.setStreams(this.#own);
    await transceiver.sender.replaceTrack(this.own[kind]);
  }

  async replace(kind: "audio" | "video", track: MediaStreamTrack | null): Promise<void> {
    this.own = { ...this.own, [kind]: track };
    try {
      await this.#senders[kind]?.replaceTrack(track);
    } catch {
      // Closed in the meantime; the next connection starts with the right track.
      return;
    }
    this.#tune();
  }

  /** How much to send, and whether at all; one after the other, as browsers demand. */
  #tune(): void {
    this.#tuned = this.#tuned.then(async () => {
      for (const kind of ["audio", "video"] as const) await this.#limit(kind);
    });
  }

  async #limit(kind: "audio" | "video"): Promise<void> {
    const sender = this.#senders[kind];
    if (sender === undefined) return;
    const parameters = sender.getParameters();
    const first = parameters.encodings[0];
    if (first === undefined) return;
    first.maxBitrate = kind === "audio" ? AUDIO_BITS : VIDEO_BITS;
    // Without a track Firefox goes on sending the last picture, once a second: a face that the
    // person believes to be hidden.
    first.active = this.own[kind] !== null;
    // When there is not room for all, the picture gives way before the sound.
    if (kind === "audio") first.priority = first.networkPriority = "high";
    // Not every browser takes every field; its own limits are good enough.
    await sender.setParameters(parameters).catch(() => undefined);
  }

  async stats(): Promise<RTCStatsReport | null> {
    if (this.#pc.connectionState === "closed") return null;
    return await this.#pc.getStats().catch(() => null);
  }

  close(): void {
    this.#pc.close();
  }
}
