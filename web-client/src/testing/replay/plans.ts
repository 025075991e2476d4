/** In which order, how often and whether at all the hints of a trace arrive. Pure. */
import type { dice } from "../../call/testing/dice";
import type { Told, Trace } from "./standIns";

interface Arrival {
  /** Milliseconds after the start. */
  readonly at: number;
  readonly told: Told;
}

export interface Plan {
  readonly name: string;
  readonly lossy: boolean;
  readonly ordered: boolean;
  readonly arrivals: (
    trace: Trace,
    from: number,
    gap: number,
    roll: ReturnType<typeof dice>,
  ) => Arrival[];
}

function inOrder(trace: Trace, from: number, gap: number): Arrival[] {
  // Never before the server stands where the hint was given.
  return trace.hints
    .filter(({ at }) => at > from)
    .map((told, index) => ({ told, at: (told.at - from) * gap + 1 + (index % 10) }));
}

function before(trace: Trace, from: number): Told[] {
  return trace.hints.filter(({ at }) => at <= from).slice(-20);
}

const inTime = (all: Arrival[]): Arrival[] => all.sort((a, b) => a.at - b.at);

export const PLANS: readonly Plan[] = [
  { name: "as they came", lossy: false, ordered: true, arrivals: inOrder },
  {
    name: "each doubled",
    lossy: false,
    ordered: false,
    arrivals: (trace, from, gap, roll) =>
      inTime(
        inOrder(trace, from, gap).flatMap((one) => [
          one,
          { ...one, at: one.at + roll.below(3 * gap) },
        ]),
      ),
  },
  {
    name: "reordered within a window",
    lossy: false,
    ordered: false,
    arrivals: (trace, from, gap, roll) =>
      inTime(
        inOrder(trace, from, gap).map((one) => ({ ...one, at: one.at + roll.below(3 * gap) })),
      ),
  },
  {
    name: "with some from before the snapshot",
    lossy: false,
    ordered: false,
    arrivals: (trace, from, gap, roll) =>
      inTime([
        ...inOrder(trace, from, gap),
        ...before(trace, from).map((told) => ({ told, at: roll.below(6 * gap) })),
      ]),
  },
  {
    name: "but for the last of each kind",
    lossy: true,
    ordered: true,
    arrivals: (trace, from, gap) => {
      const last = new Map(trace.hints.map((told) => [told.event, told]));
      return inOrder(trace, from, gap).filter(({ told }) => last.get(told.event) !== told);
    },
  },
  {
    name: "hardly any",
    lossy: true,
    ordered: true,
    arrivals: (trace, from, gap, roll) =>
      inOrder(trace, from, gap).filter(() => roll.below(4) === 0),
  },
];
