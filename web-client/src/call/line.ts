/** The call's way to the server: joins, restarts and leaves over the socket, and holds the connection. */
import type { Seating } from "../wire/generated";
import { inCall } from "./reducer";
import type { CallState, Sending } from "./model";
import { Monitor } from "./monitor";
import { Peer, type OwnTracks } from "./peer";
import type { Sent } from "./sections";
import { FIRST_VERDICT } from "./quality";
import type { OwnScreen } from "./screen";
import { type CallPorts, type CallView, codeOf, peerOf, type Told } from "./view";

export interface LinePorts {
  readonly live: CallPorts["live"];
  readonly state: () => CallState;
  readonly own: () => OwnTracks;
  readonly tell: (told: Told) => void;
  /** One's own screen hears what the server knows of it. */
  readonly screen: Pick<OwnScreen, "told" | "shown" | "joined">;
  readonly show: (
    part: Partial<
      Pick<CallView, "remote" | "slots" | "screen" | "seating" | "picture" | "verdict">
    >,
  ) => void;
}

export class Line {
  #peer: Peer | null = null;
  #slots: readonly MediaStream[] = [];
  #screen: MediaStream | null = null;
  #seating: Seating | null = null;
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

  async join(attempt: number): Promise<void> {
    const { live, state, own, tell } = this.ports;
    let leg: string;
    let sdp: string;
    let seating: Seating;
    let turn: RTCIceServer[];
    try {
      const answer = await live.emit("call.join", { visit_id: this.visitId });
      ({ leg_id: leg, sdp, seating, ice_servers: turn } = answer);
      if (attempt !== state().attempt || !inCall(state().phase)) {
        void this.leave(leg);
        return;
      }
      tell({ type: "joined", attempt, leg, peer: peerOf(answer.peer) });
    } catch (error) {
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
    );
    this.#peer = peer;
    this.ports.screen.joined(seating.screen);
    this.seat(seating);
    this.#monitor.start();
    try {
      const answer = await peer.answer(sdp);
      await live.emit("call.answer", { visit_id: this.visitId, leg_id: leg, sdp: answer });
    } catch {
      tell({ type: "lost", leg, reason: "closed" });
    }
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
      tell({ type: "restart_refused", leg, code: codeOf(error) });
    }
  }

  /** The server finds out by itself if this does not arrive. */
  async leave(leg: string): Promise<void> {
    const sent = this.ports.live.emit("call.leave", { visit_id: this.visitId, leg_id: leg });
    await sent.catch(() => undefined);
  }

  /** It is told again when the line comes back. */
  async tellState(leg: string, on: Sending): Promise<void> {
    try {
      await this.ports.live.emit("call.state", {
        visit_id: this.visitId,
        leg_id: leg,
        mic_on: on.mic,
        camera_on: on.camera,
        screen_on: on.screen,
      });
      if (on.screen) this.ports.screen.told();
    } catch {
      return;
    }
  }

  /** Somebody came, went or switched something: who is where now, and how much to send. */
  seat(seating: Seating): void {
    this.#seating = seating;
    this.#peer?.publish(seating.publish);
    this.ports.screen.shown(seating.screen);
    this.#place();
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
    this.#peer?.close();
    this.#peer = null;
    this.#slots = [];
    this.#seating = null;
    this.ports.show({ picture: "none", verdict: FIRST_VERDICT });
  }

  #ofLeg(event: (leg: string) => Told): void {
    const { leg } = this.ports.state();
    if (leg !== null) this.ports.tell(event(leg));
  }
}
