/** What the counters of an echo say of the network, in words and numbers. Pure. */
import { LEAST } from "../../call/least";
import type { EquipmentIn } from "../../wire/types";

export interface Counters {
  /** Milliseconds. */
  readonly at: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly packetsIn: number;
  readonly lostIn: number;
  /** Share of what is sent that does not arrive, 0–1. */
  readonly lostOut: number | null;
  /** Seconds. */
  readonly roundTrip: number | null;
  readonly transport: Transport | null;
}

type Transport = NonNullable<EquipmentIn["transport"]>;
type Stat = Readonly<Record<string, unknown>>;

export interface Measured {
  readonly network: "good" | "weak" | "bad";
  readonly round_trip_ms: number | null;
  readonly loss_percent: number;
  readonly up_kbps: number;
  readonly down_kbps: number;
  readonly transport: Transport | null;
}

function number(stat: Stat, key: string): number | null {
  const value = stat[key];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function worse(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}

/** The pair that carries the media: browsers name it in two ways. */
function selected(all: ReadonlyMap<string, Stat>): Stat | undefined {
  for (const stat of all.values()) {
    const id = stat.type === "transport" ? stat.selectedCandidatePairId : undefined;
    if (typeof id === "string" && all.has(id)) return all.get(id);
  }
  const pairs = [...all.values()].filter(({ type }) => type === "candidate-pair");
  return (
    pairs.find(({ selected: yes }) => yes === true) ??
    pairs.find(({ nominated, state }) => nominated === true && state === "succeeded")
  );
}

function transportOf(pair: Stat | undefined, all: ReadonlyMap<string, Stat>): Transport | null {
  const local = all.get(String(pair?.localCandidateId));
  if (local === undefined) return null;
  // Behind a TURN server whose own address is translated the candidate counts as found on the way
  // (`prflx`); that it is reached over a relay is still told.
  const by = local.relayProtocol;
  if (local.candidateType === "relay" || (typeof by === "string" && by !== "")) return "relay";
  return String(local.protocol).toLowerCase() === "tcp" ? "tcp" : "udp";
}

export function count(stats: Iterable<unknown>, at: number): Counters {
  const all = new Map<string, Stat>();
  for (const value of stats) all.set(String((value as Stat).id), value as Stat);
  const pair = selected(all);
  const found = { bytesOut: 0, bytesIn: 0, packetsIn: 0, lostIn: 0 };
  let lostOut: number | null = null;
  let roundTrip = pair === undefined ? null : number(pair, "currentRoundTripTime");
  let reported: number | null = null;
  for (const stat of all.values()) {
    if (stat.type === "inbound-rtp") {
      found.bytesIn += number(stat, "bytesReceived") ?? 0;
      found.packetsIn += number(stat, "packetsReceived") ?? 0;
      found.lostIn += Math.max(0, number(stat, "packetsLost") ?? 0);
    } else if (stat.type === "outbound-rtp") {
      found.bytesOut += number(stat, "bytesSent") ?? 0;
    } else if (stat.type === "remote-inbound-rtp") {
      lostOut = worse(lostOut, number(stat, "fractionLost"));
      reported = worse(reported, number(stat, "roundTripTime"));
    }
  }
  roundTrip ??= reported;
  return { at, ...found, lostOut, roundTrip, transport: transportOf(pair, all) };
}

function kbps(bytes: number, ms: number): number {
  return ms <= 0 ? 0 : Math.max(0, Math.round((bytes * 8) / ms));
}

/** Between the two: a picture of a face is hard to see below the first, and small below the second. */
const PICTURE_KBPS = { bad: 100, weak: 250 } as const;

/** The verdict on the stretch between two moments; `picture`: a camera's picture was sent. */
export function measure(from: Counters, to: Counters, picture: boolean): Measured {
  const ms = to.at - from.at;
  const received = Math.max(0, to.packetsIn - from.packetsIn);
  const lost = Math.max(0, to.lostIn - from.lostIn);
  const lossIn = received + lost === 0 ? 0 : lost / (received + lost);
  const loss = 1 - (1 - lossIn) * (1 - (to.lostOut ?? 0));
  const up = kbps(to.bytesOut - from.bytesOut, ms);
  const down = kbps(to.bytesIn - from.bytesIn, ms);
  const least = picture ? Math.min(up, down) : Infinity;
  const roundTrip = to.roundTrip ?? 0;
  const makes = (word: "bad" | "weak"): boolean =>
    loss >= LEAST[word].loss || roundTrip >= LEAST[word].roundTrip || least < PICTURE_KBPS[word];
  return {
    network: received === 0 || makes("bad") ? "bad" : makes("weak") ? "weak" : "good",
    round_trip_ms: to.roundTrip === null ? null : Math.round(to.roundTrip * 1_000),
    loss_percent: Math.round(loss * 1_000) / 10,
    up_kbps: up,
    down_kbps: down,
    transport: to.transport,
  };
}
