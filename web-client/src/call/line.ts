/** The call's way to the server: joins, restarts and leaves over the socket, and holds the connection. */
import type { CallKey, Seating } from "../wire/generated";
import { type CallState, inCall, type Sending } from "./model";
import { Monitor } from "./monitor";
import { Peer, type OwnTracks } from "./peer";
import { type EncryptedLeg, FrameEncryption } from "./private/encryption";
import type { Message } from "./private/session";
import { Watch } from "./private/watch";
import type { Sent } from "./sections";
import { FIRST_VERDICT } from "./quality";
import type { OwnScreen } from "./screen";
import { type CallPorts, type CallView, codeOf, NO_PRIVACY, peerOf, type Told } from "./view";
import { isWatched } from "./watched";

export interface LinePorts {
  readonly live: CallPorts["live"];
  readonly state: () => CallState;
  readonly own: () => OwnTracks;
  readonly tell: (told: Told) => void;
  /** One's own screen hears what the server knows of it. */
  readonly screen: Pick<OwnScreen, "told" | "shown" | "joined">;
  readonly show: (
    part: Partial<
      Pick<CallView, "remote" | "slots" | "screen" | "seating" | "privacy" | "picture" | "verdict">
    >,
  ) => void;
}

export class Line {
  #peer: Peer | null = null;
  #slots: readonly MediaStream[] = [];
  #screen: MediaStream | null = null;
  #seating: Seating | null = null;
  #me = "";
  #hidden: EncryptedLeg | null = null;
  #watch: Watch | null = null;
  readonly #encryption = new FrameEncryption();
  readonly #monitor: Monitor;

  constructor(
    private readonly visitId: string,
    private readonly ports: LinePorts,
  ) {
    this.#monitor = new Monitor({
      stats: () => this.#peer?.stats() ?? Promise.resolve(null),
      measured: (verdict, picture) => ports.show({ verdict, picture }),
      quiet: (since) => this.#ofLeg((leg) => ({ type: "quiet", leg, since })),
      flowing: () => this.#ofLeg((leg) => ({ type: "flowing", leg })),
    });
  }

  /** A call may begin soon: what it needs is fetched meanwhile. */
  prepare(): void {
    this.#encryption.prepare();
  }

  async join(attempt: number): Promise<void> {
    const { live, state, own, tell } = this.ports;
    const late = (): boolean => attempt !== state().attempt || !inCall(state().phase);
    let leg = "";
    const hidden = await this.#encryption.leg(this.visitId, {
      send: (messages) => void this.#pass(leg, messages),
      changed: (privacy) => this.ports.show({ privacy: { ...privacy, own: "hides" } }),
    });
    if (late()) {
      hidden?.close();
      return;
    }
    let sdp: string;
    let seating: Seating;
    let turn: RTCIceServer[];
    try {
      const public_key = hidden?.publicKey ?? null;
      const answer = await live.emit("call.join", { visit_id: this.visitId, public_key });
      ({ leg_id: leg, sdp, seating, ice_servers: turn } = answer);
      if (late()) {
        hidden?.close();
        void this.leave(leg);
        return;
      }
      this.#me = answer.participant_id;
      tell({ type: "joined", attempt, leg, peer: peerOf(answer.peer) });
    } catch (error) {
      hidden?.close();
      tell({ type: "join_refused", attempt, code: codeOf(error) });
      return;
    }
    const peer = new Peer(
      {
        link: (link) => tell({ type: "link", leg, link }),
        remote: (slots, screen) => {
          this.#slots = slots;
          this.#screen = screen;
          this.#place();
        },
      },
      own(),
      turn,
      hidden,
    );
    this.#peer = peer;
    this.#hidden = hidden;
    if (hidden !== null) this.#guard(leg, peer, hidden);
    this.ports.screen.joined(seating.screen);
    this.seat(seating);
    this.#monitor.start();
    try {
      const answer = await peer.answer(sdp);
      await live.emit("call.answer", { visit_id: this.visitId, leg_id: leg, sdp: answer });
    } catch (error) {
      const reason = codeOf(error) === "call.replaced" ? "replaced" : "closed";
      tell({ type: "lost", leg, reason });
    }
  }

  /** What leaves is held against what was hidden: a browser may find a way around the worker. */
  #guard(leg: string, peer: Peer, hidden: EncryptedLeg): void {
    this.#watch = new Watch({
      left: () => peer.left(),
      passed: () => hidden.passed(),
      bypassed: () => {
        // First of all nothing more leaves; then the call begins anew, in the clear and visibly so.
        this.#encryption.distrust();
        this.close();
        this.ports.tell({ type: "lost", leg, reason: "closed" });
      },
    });
  }

  async restart(leg: string): Promise<void> {
    const peer = this.#peer;
    if (peer === null) return;
    const { live, tell } = this.ports;
    try {
      const { sdp } = await live.emit("call.restart", { visit_id: this.visitId, leg_id: leg });
      const answer = await peer.answer(sdp);
      await live.emit("call.answer", { visit_id: this.visitId, leg_id: leg, sdp: answer });
    } catch (error) {
      tell({ type: "refused", leg, code: codeOf(error) });
    }
  }

  /** The server finds out by itself if this does not arrive. */
  async leave(leg: string): Promise<void> {
    const sent = this.ports.live.emit("call.leave", { visit_id: this.visitId, leg_id: leg });
    await sent.catch(() => undefined);
  }

  /** If it does not arrive it is told again when the line comes back. */
  async tellState(leg: string, on: Sending): Promise<void> {
    try {
      await this.ports.live.emit("call.state", {
        visit_id: this.visitId,
        leg_id: leg,
        mic_on: on.mic,
        camera_on: on.camera,
        screen_on: on.screen,
        pictures_wanted: on.pictures,
        sound_first: on.soundFirst,
        on_hold: on.onHold,
      });
      if (on.screen) this.ports.screen.told();
    } catch (error) {
      this.ports.tell({ type: "refused", leg, code: codeOf(error) });
    }
  }

  /** Somebody came, went or switched something: who is where now, and how much to send. */
  seat(seating: Seating): void {
    this.#seating = seating;
    this.#peer?.publish(seating.publish, isWatched(seating));
    if (this.#hidden !== null) this.#hidden.seated(this.#me, seating);
    else this.#showOpen(seating);
    this.ports.screen.shown(seating.screen);
    this.#place();
  }

  /** Another's device says something to this one. */
  hear({ participant_id, sealed }: CallKey): void {
    this.#hidden?.hear(participant_id, sealed);
  }

  /** The socket is back: what devices said to each other meanwhile may be lost. */
  again(): void {
    this.#hidden?.again();
  }

  async #pass(leg: string, messages: readonly Message[]): Promise<void> {
    const sent = this.ports.live.emit("call.keys", {
      visit_id: this.visitId,
      leg_id: leg,
      messages: messages.map(({ to, data }) => ({ participant_id: to, sealed: data })),
    });
    // Who lacks something asks again.
    await sent.catch(() => undefined);
  }

  /** This browser can't hide anything, so nobody does. */
  #showOpen({ slots }: Seating): void {
    const others = slots.filter((seat) => seat !== null);
    const cannot = others.filter(({ public_key }) => public_key === null);
    this.ports.show({
      privacy: {
        ...NO_PRIVACY,
        state: others.length === 0 ? "alone" : "off",
        cannot: cannot.map(({ participant_id }) => participant_id),
        own: this.#encryption.bypassed ? "did_not" : "cannot",
      },
    });
  }

  #place(): void {
    const [slots, screen, seating] = [this.#slots, this.#screen, this.#seating];
    // The last pictures of the line before, and who they are, stay until there are others.
    if (slots.length === 0 || seating === null) return;
    const at = seating.slots.findIndex((seat) => seat !== null);
    this.ports.show({ slots, screen, seating, remote: slots[Math.max(0, at)] ?? null });
  }

  /** How loud it is in each slot, 0–1. */
  levels(): readonly number[] {
    return this.#peer?.levels() ?? [];
  }

  replace(kind: Sent, track: MediaStreamTrack | null): void {
    void this.#peer?.replace(kind, track);
  }

  close(): void {
    this.#monitor.stop();
    this.#watch?.stop();
    this.#watch = null;
    this.#peer?.close();
    this.#peer = null;
    this.#slots = [];
    this.#seating = null;
    this.#hidden?.close();
    this.#hidden = null;
    this.ports.show({ picture: "none", privacy: NO_PRIVACY, verdict: FIRST_VERDICT });
  }

  /** There will be no other call. */
  end(): void {
    this.#encryption.close();
  }

  #ofLeg(event: (leg: string) => Told): void {
    const { leg } = this.ports.state();
    if (leg !== null) this.ports.tell(event(leg));
  }
}
