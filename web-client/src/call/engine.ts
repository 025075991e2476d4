/**
 * Carries out what the reducer decides: sockets, devices, connections, timers. It decides nothing.
 *
 * Made once for each visit room; views read `snapshot()` through useSyncExternalStore.
 */
import { chosenDevices } from "../media/chosen";
import { ApiError } from "../wire/problem";
import { Adviser } from "./adviser";
import { cameraFirst, recall, remember } from "./choices";
import { alreadyAllowed, listDevices, NO_LIST } from "./devices";
import { Line } from "./line";
import type { Communication, Proposal } from "./ladder";
import {
  effective,
  freshCall,
  inCall,
  type CallEvent,
  type CallState,
  type Command,
  type ModeReason,
} from "./model";
import { FIRST_VERDICT, GOOD } from "./quality";
import { shownTrouble } from "./reconnect";
import { step } from "./reducer";
import { OwnScreen } from "./screen";
import { Tracks } from "./tracks";
import { type CallPorts, type CallView, NO_PRIVACY, peerOf, socketOf, type Told } from "./view";

/** Any part of the wire may say when; only forward matters. */
const now = (): number => performance.now();

const TICK_MS = 500;
const CHAT_AGAIN_MS = [1_000, 2_000, 4_000];

export class CallEngine {
  #state: CallState;
  #view: CallView;
  #start = 0;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #release: (() => void)[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #tracks: Tracks;
  readonly #line: Line;
  readonly #screen: OwnScreen;
  readonly #adviser: Adviser;

  constructor(
    private readonly visitId: string,
    private readonly ports: CallPorts,
  ) {
    const { wanted, onHold } = recall(visitId, cameraFirst(ports.pictures));
    this.#state = freshCall(wanted, socketOf(ports.live.status()), onHold);
    this.#adviser = new Adviser(ports.chat);
    this.#view = {
      state: this.#state,
      shown: "nothing",
      verdict: FIRST_VERDICT,
      advice: { line: GOOD, last: GOOD, proposal: null, needsPictures: false },
      picture: "none",
      own: null,
      remote: null,
      seating: null,
      slots: [],
      screen: null,
      voice: null,
      privacy: NO_PRIVACY,
      devices: NO_LIST,
    };
    this.#tracks = new Tracks(
      {
        changed: (kind, track) => {
          this.#line.replace(kind === "mic" ? "audio" : "video", track);
          const stream = track === null ? null : new MediaStream([track]);
          this.#show(kind === "mic" ? { voice: stream } : { own: stream });
        },
        device: (kind, have, notice) => this.tell({ type: "device", kind, have, notice }),
      },
      () => chosenDevices.get(),
    );
    this.#screen = new OwnScreen({
      changed: (track) => this.#line.replace("screen", track),
      picked: () => this.tell({ type: "screen", on: true, notice: null }),
      ended: (notice) => this.tell({ type: "screen", on: false, notice }),
    });
    this.#line = new Line(visitId, {
      live: ports.live,
      state: () => this.#state,
      own: () => ({
        audio: this.#tracks.heard,
        video: this.#tracks.video,
        screen: this.#state.onHold ? null : this.#screen.track,
      }),
      screen: this.#screen,
      tell: this.tell,
      show: (part) => this.#show(part),
    });
  }

  snapshot = (): CallView => this.#view;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Listens to the socket and to the machine's devices until the returned function is called. */
  open(): () => void {
    const { live } = this.ports;
    const list = (): void => {
      void this.#list();
      if (inCall(this.#state.phase)) void this.#tracks.plugged();
    };
    const seen = (): void => {
      if (document.visibilityState === "visible" && inCall(this.#state.phase)) {
        void this.#tracks.revive();
      }
    };
    const media = navigator.mediaDevices as MediaDevices | undefined;
    media?.addEventListener("devicechange", list);
    document.addEventListener("visibilitychange", seen);
    this.#release = [
      live.subscribe(() => this.#socketMoved()),
      live.on("call.peer", (hint) => {
        if (hint.visit_id === this.visitId) this.tell({ type: "peer", peer: peerOf(hint) });
      }),
      live.on("call.slots", (hint) => {
        if (hint.leg_id === this.#state.leg) this.#line.seat(hint);
      }),
      live.on("call.key", (hint) => {
        if (hint.leg_id === this.#state.leg) this.#line.hear(hint);
      }),
      live.on("call.lost", (hint) => {
        if (hint.visit_id !== this.visitId) return;
        this.tell({ type: "lost", leg: hint.leg_id, reason: hint.reason });
      }),
      () => media?.removeEventListener("devicechange", list),
      () => document.removeEventListener("visibilitychange", seen),
    ];
    this.#socketMoved();
    return () => this.#close();
  }

  /** The visit is a video visit in progress: join, after an explanation if the browser will ask. */
  async start(): Promise<void> {
    if (this.#state.phase !== "idle") return;
    const start = ++this.#start;
    const granted = await alreadyAllowed(this.#state.wanted.camera);
    if (start === this.#start) this.tell({ type: "start", granted });
  }

  tell = (told: Told): void => {
    // A stop also stops a start that has not got further than asking about permissions.
    if (told.type === "stop" || told.type === "visit_over") this.#start += 1;
    const event = { ...told, at: now() } as CallEvent;
    const { state, commands } = step(this.#state, event);
    this.#state = state;
    this.#show({});
    this.#tickWhileTroubled();
    for (const command of commands) this.#run(command);
  };

  /** Another camera or microphone was picked; it is remembered for the next visit too. */
  async pick(kind: "mic" | "camera", id: string): Promise<void> {
    chosenDevices.set(kind === "mic" ? { microphone: id } : { camera: id });
    await this.#tracks.change(kind);
  }

  /** Called from a press: shares one's screen, or stops. */
  share(): void {
    if (this.#state.sharing) this.tell({ type: "screen", on: false, notice: null });
    else void this.#screen.pick();
  }

  /** How the person takes part: who signs or reads is not offered sound only. */
  communicates(how: Communication): void {
    this.#adviser.communication = how;
    this.#show({});
  }

  /** Do what is proposed just now. */
  accept(proposal: Proposal): void {
    this.tell(
      proposal.rung === "chat"
        ? { type: "prefer_chat" }
        : { type: "spare", spared: proposal.spared },
    );
  }

  /** Not now: it is not proposed again for a while. */
  decline(): void {
    this.#adviser.decline(now());
    this.#show({});
  }

  /** How loud it is in each slot, 0–1. */
  levels = (): readonly number[] => this.#line.levels();

  #run(command: Command): void {
    switch (command.type) {
      case "ask_devices":
        void this.#ask();
        return;
      case "join":
        void this.#line.join(command.attempt);
        return;
      case "restart":
        void this.#line.restart(command.leg);
        return;
      case "close_peer":
        this.#line.close();
        return;
      case "release_devices":
        this.#tracks.release();
        return;
      case "stop_screen":
        this.#screen.stop();
        return;
      case "send_screen":
        this.#line.replace("screen", command.on ? this.#screen.track : null);
        return;
      case "leave":
        void this.#line.leave(command.leg);
        return;
      case "apply_wanted":
        if (inCall(this.#state.phase)) this.#tracks.want(command.wanted, command.asked);
        return;
      case "tell_state":
        void this.#line.tellState(command.leg, command.on);
        return;
      case "go_chat":
        void this.#goChat(command.reason);
        return;
      case "remember":
        remember(this.visitId, command.wanted, command.onHold);
    }
  }

  async #ask(): Promise<void> {
    const asked = this.#state;
    this.#line.prepare();
    const devices = await this.#tracks.ask(effective(asked));
    if (devices === null) return;
    if (!devices.ok) {
      this.tell({ type: "devices_refused", reason: devices.reason });
      return;
    }
    const have = { mic: devices.audio !== null, camera: devices.video !== null };
    this.tell({ type: "devices_ready", have, notice: devices.notice });
    // The person may have changed their mind while the browser asked.
    if (this.#state.wanted !== asked.wanted) {
      const wanted = effective(this.#state);
      this.#tracks.want(wanted, wanted);
    }
    await this.#list();
  }

  /** Tries until the server knows, unless the call has moved on by then. */
  async #goChat(reason: ModeReason): Promise<void> {
    for (let tries = 0; this.#state.phase === "fallen_back"; tries += 1) {
      try {
        await this.ports.goChat(reason);
        return;
      } catch (error) {
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) return;
        const pause = CHAT_AGAIN_MS[Math.min(tries, CHAT_AGAIN_MS.length - 1)];
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  async #list(): Promise<void> {
    this.#show({ devices: await listDevices() });
  }

  #socketMoved(): void {
    const socket = socketOf(this.ports.live.status());
    if (socket === this.#state.socket) return;
    this.tell({ type: "socket", socket });
    if (socket === "up") this.#line.again();
  }

  #tickWhileTroubled(): void {
    const troubled = this.#state.trouble !== null;
    if (troubled && this.#ticking === undefined) {
      this.#ticking = setInterval(() => this.tell({ type: "tick" }), TICK_MS);
    } else if (!troubled) {
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    }
  }

  #show(part: Partial<CallView>): void {
    const state = this.#state;
    const shown = state.connectedOnce ? shownTrouble(state.trouble, now()) : "nothing";
    const view = { ...this.#view, ...part, state };
    this.#view = {
      ...view,
      shown,
      advice: this.#adviser.look(view, now()),
      // A picture of a line that is closed must not stay on the wall.
      ...(inCall(state.phase)
        ? {}
        : { remote: null, slots: [], screen: null, seating: null, picture: "none" }),
    };
    for (const listener of this.#listeners) listener();
  }

  #close(): void {
    for (const release of this.#release) release();
    this.#release = [];
    this.tell({ type: "stop" });
    this.#line.end();
  }
}
