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

export interface MonitorPorts {
  readonly stats: () => Promise<RTCStatsReport | null>;
  readonly measured: (verdict: Verdict, seeing: boolean) => void;
  /** Nothing has arrived since then. */
  readonly quiet: (since: number) => void;
  readonly flowing: () => void;
}

const EVERY_MS = 1_000;
/** A still picture is common in poor light at few frames a second; this long is no picture. */
const BLIND_AFTER = 2_500;

export class Monitor {
  #timer: ReturnType<typeof setInterval> | undefined;
  #before: Sample | null = null;
  #verdict: Verdict = FIRST_VERDICT;
  #arrivedAt: number | null = null;
  #frameAt: number | null = null;
  #quiet = false;

  constructor(private readonly ports: MonitorPorts) {}

  start(): void {
    this.stop();
    this.#before = null;
    this.#verdict = FIRST_VERDICT;
    this.#arrivedAt = null;
    this.#frameAt = null;
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
    if (latest.framesDecoded > before.framesDecoded) this.#frameAt = latest.at;
    const seeing = this.#frameAt !== null && latest.at - this.#frameAt < BLIND_AFTER;
    this.#verdict = settle(this.#verdict, judge(before, latest), latest.at);
    this.ports.measured(this.#verdict, seeing);
  }

  #listen(before: Sample, latest: Sample): void {
    // Before the first packet, and where the browser does not count, silence means nothing.
    if (latest.arrived === null || latest.arrived === 0) return;
    if (this.#arrivedAt === null || latest.arrived !== before.arrived) {
      this.#arrivedAt = latest.at;
      if (this.#quiet) this.ports.flowing();
      this.#quiet = false;
    } else if (latest.at - this.#arrivedAt >= QUIET_AFTER) {
      this.#quiet = true;
      this.ports.quiet(this.#arrivedAt);
    }
  }
}
