/**
 * Frames are hidden from the server: the page's side. The keys are in a worker, which is started
 * with the room and serves one leg after the other (ADR 21).
 */
import type { Seating } from "../../wire/generated";
import { sentIn, slotOf } from "../sections";
import type { AllPassed } from "./guard";
import type { FromWorker, Shown, ToWorker } from "./messages";
import type { Way } from "./pipe";
import type { Message } from "./session";

export interface EncryptionPorts {
  readonly send: (messages: readonly Message[]) => void;
  readonly changed: (privacy: Shown) => void;
}

/** A worker that has not answered by then never will: the call begins without it, visibly. */
const ANSWERS_WITHIN_MS = 3_000;
/** As long it may say nothing of what it has passed, on the slowest machine. */
const COUNTS_WITHIN_MS = 5_000;

function recallBypassed(): boolean {
  try {
    return sessionStorage.getItem(BYPASSED) !== null;
  } catch {
    return false;
  }
}

/** Chromium from 141, Firefox from 117, Safari from 15.4; and a page that is secure. */
function possible(): boolean {
  return (
    "RTCRtpScriptTransform" in globalThis &&
    "transform" in RTCRtpSender.prototype &&
    "transform" in RTCRtpReceiver.prototype &&
    "subtle" in crypto
  );
}

/** For this tab, also after a reload: a browser that once let frames pass does so again. */
const BYPASSED = "vardrum.call.bypassed";

export class FrameEncryption {
  #worker: Worker | null = null;
  #legs = 0;
  #bypassed = recallBypassed();

  /** Frames have left this browser that it was told to give to the worker, and did not. */
  get bypassed(): boolean {
    return this.#bypassed;
  }

  /** No leg is to rely on this browser's encryption again. */
  distrust(): void {
    this.#bypassed = true;
    try {
      sessionStorage.setItem(BYPASSED, "yes");
    } catch {
      // Refused: it is found out again after a reload.
    }
  }

  /** Starts the worker, so that the next leg does not wait for it. */
  prepare(): void {
    if (this.#worker !== null || this.#bypassed || !possible()) return;
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  }

  /** A leg with keys of its own; null where this browser can't hide what it sends. */
  async leg(visit: string, ports: EncryptionPorts): Promise<EncryptedLeg | null> {
    this.prepare();
    const worker = this.#worker;
    if (worker === null || this.#bypassed) return null;
    const leg = new EncryptedLeg(worker, ++this.#legs, visit, ports);
    const ready = await leg.begin();
    if (ready) return leg;
    leg.close();
    // Its script did not come, or it is stuck: the next leg tries another.
    worker.terminate();
    if (this.#worker === worker) this.#worker = null;
    return null;
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = null;
  }
}

export class EncryptedLeg {
  publicKey = "";
  #ready: (ready: boolean) => void = () => undefined;
  #asked = 0;
  #told: (passed: AllPassed | null) => void = () => undefined;

  constructor(
    private readonly worker: Worker,
    private readonly leg: number,
    private readonly visit: string,
    private readonly ports: EncryptionPorts,
  ) {}

  /** False when the worker can't be had. */
  async begin(): Promise<boolean> {
    const ready = new Promise<boolean>((resolve) => (this.#ready = resolve));
    const failed = (): void => this.#ready(false);
    const timer = setTimeout(failed, ANSWERS_WITHIN_MS);
    this.worker.addEventListener("message", this.#listen);
    this.worker.addEventListener("error", failed);
    this.#post({ type: "leg", leg: this.leg });
    const answer = await ready;
    clearTimeout(timer);
    this.worker.removeEventListener("error", failed);
    return answer;
  }

  /** From now on the frames of this section go through the worker. */
  attach({ mid, sender, receiver }: RTCRtpTransceiver): void {
    const { leg } = this;
    const sent = sentIn(mid);
    if (sent !== null) {
      sender.transform = this.#transform({ leg, kind: sent, slot: "out" });
      return;
    }
    const slot = slotOf(mid);
    if (slot === null) return;
    const kind = slot === "screen" ? slot : receiver.track.kind === "audio" ? "audio" : "video";
    receiver.transform = this.#transform({ leg, kind, slot });
  }

  seated(me: string, { slots, screen }: Seating): void {
    const here = slots.filter((seat) => seat !== null);
    this.#post({
      type: "seated",
      leg: this.leg,
      visit: this.visit,
      me,
      others: here.map(({ participant_id, public_key }) => ({
        participant: participant_id,
        publicKey: public_key,
      })),
      slots: slots.map((seat) => seat?.participant_id ?? null),
      screen,
    });
  }

  hear(from: string, data: string): void {
    this.#post({ type: "hear", leg: this.leg, from, data });
  }

  /** The socket was gone: messages of either side may be lost. */
  again(): void {
    this.#post({ type: "again", leg: this.leg });
  }

  close(): void {
    this.#post({ type: "close", leg: this.leg });
    this.worker.removeEventListener("message", this.#listen);
  }

  #post(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  #transform(way: Way): RTCRtpScriptTransform {
    return new RTCRtpScriptTransform(this.worker, way);
  }

  /** What of one's own has gone through the worker by now; null when it does not say. */
  async passed(): Promise<AllPassed | null> {
    const told = new Promise<AllPassed | null>((resolve) => (this.#told = resolve));
    const timer = setTimeout(() => this.#told(null), COUNTS_WITHIN_MS);
    // Numbered: a late answer to an earlier question says nothing of what left since.
    this.#post({ type: "count", leg: this.leg, asked: ++this.#asked });
    const passed = await told;
    clearTimeout(timer);
    return passed;
  }

  readonly #listen = ({ data }: MessageEvent<FromWorker>): void => {
    if (data.leg !== this.leg) return;
    switch (data.type) {
      case "leg":
        this.publicKey = data.publicKey;
        this.#ready(true);
        return;
      case "send":
        this.ports.send(data.messages);
        return;
      case "passed":
        if (data.asked === this.#asked) this.#told(data.passed);
        return;
      case "privacy":
        this.ports.changed(data.privacy);
    }
  };
}
