/** Looks at the connection's counters once a second, while there is one. */
import {
  FIRST_VERDICT,
  judge,
  QUIET_AFTER,
  sample,
  settle,
  type Sample,
  type Verdict,
} from "./quality";

/** `still`: the last frame is only moments old. `moving`: frames keep coming. */
export type Picture = "none" | "still" | "moving";

export interface MonitorPorts {
  readonly stats: () => Promise<RTCStatsReport | null>;
  readonly measured: (verdict: Verdict, picture: Picture) => void;
  /** Nothing has arrived since then. */
  readonly quiet: (since: number) => void;
  readonly flowing: () => void;
}

const EVERY_MS = 1_000;
/** A frozen face is better than none for a moment; this long it is a lie. */
const STILL_FOR = 5_000;

export class Monitor {
  #timer: ReturnType<typeof setInterval> | undefined;
  #before: Sample | null = null;
  #verdict: Verdict = FIRST_VERDICT;
  #arrivedAt: number | null = null;
  #frameAt: number | null = null;
  #fresh = false;
  #quiet = false;

  constructor(private readonly ports: MonitorPorts) {}

  start(): void {
    this.stop();
    this.#before = null;
    this.#verdict = FIRST_VERDICT;
    this.#arrivedAt = null;
    this.#frameAt = null;
    this.#fresh = false;
    this.#quiet = false;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const timer = this.#timer;
    const report = await this.ports.stats();
    if (report === null || timer !== this.#timer) return;
    const latest = sample(report.values(), performance.now());
    const before = this.#before;
    this.#before = latest;
    if (before === null) return;
    this.#listen(before, latest);
    const fresh = latest.framesDecoded > before.framesDecoded;
    // Twice in a row: what was under way when a camera was switched off is no moving picture.
    const moving = fresh && this.#fresh;
    this.#fresh = fresh;
    if (fresh) this.#frameAt = latest.at;
    const still = this.#frameAt !== null && latest.at - this.#frameAt < STILL_FOR;
    this.#verdict = settle(this.#verdict, judge(latest));
    this.ports.measured(this.#verdict, moving ? "moving" : still ? "still" : "none");
  }

  #listen(before: Sample, latest: Sample): void {
    // Before the first packet, and where the browser does not count, silence means nothing.
    if (latest.arrived === null || latest.arrived === 0) return;
    // Fewer is no news either: a path that was given up takes its counters with it.
    if (this.#arrivedAt === null || latest.arrived > (before.arrived ?? 0)) {
      this.#arrivedAt = latest.at;
      if (this.#quiet) this.ports.flowing();
      this.#quiet = false;
    } else if (latest.at - this.#arrivedAt >= QUIET_AFTER) {
      this.#quiet = true;
      this.ports.quiet(this.#arrivedAt);
    }
  }
}
