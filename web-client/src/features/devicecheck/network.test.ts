import { describe, expect, it } from "vitest";
import { count, type Counters, measure } from "./network";

const FROM: Counters = {
  at: 0,
  bytesOut: 1_000,
  bytesIn: 1_000,
  packetsIn: 100,
  lostIn: 2,
  lostOut: 0,
  roundTrip: 0.03,
  transport: "udp",
};

/** Five seconds later, at so many kbit/s both ways. */
function after(part: Partial<Counters> = {}, kbps = 1_000): Counters {
  const bytes = 1_000 + kbps * 625;
  return {
    ...FROM,
    at: 5_000,
    bytesOut: bytes,
    bytesIn: bytes,
    packetsIn: 1_100,
    roundTrip: 0.034,
    ...part,
  };
}

describe("the verdict on the network", () => {
  it("is good with its numbers", () => {
    expect(measure(FROM, after({ lostIn: 6 }), true)).toEqual({
      network: "good",
      round_trip_ms: 34,
      loss_percent: 0.4,
      up_kbps: 1_000,
      down_kbps: 1_000,
      transport: "udp",
    });
  });

  it.each([
    ["loss on the way back", after({ packetsIn: 1_050, lostIn: 52 }), "weak"],
    ["much loss on the way back", after({ packetsIn: 950, lostIn: 152 }), "bad"],
    ["loss on the way there", after({ lostOut: 0.05 }), "weak"],
    ["some loss on both ways", after({ packetsIn: 1_070, lostIn: 32, lostOut: 0.02 }), "weak"],
    ["a long way", after({ roundTrip: 0.5 }), "weak"],
    ["a very long way", after({ roundTrip: 0.9 }), "bad"],
    ["room for a small picture", after({}, 200), "weak"],
    ["no room for a picture", after({}, 80), "bad"],
    ["little room in one direction only", after({ bytesIn: 51_000 }), "bad"],
    ["nothing that came back", after({ packetsIn: 100 }), "bad"],
    ["a round trip that nobody knows", after({ roundTrip: null }), "good"],
  ] as const)("with %s is %s", (_, now, network) => {
    expect(measure(FROM, now, true).network).toBe(network);
  });

  it("asks for no room for a picture where there is none", () => {
    expect(measure(FROM, after({}, 30), false).network).toBe("good");
  });
});

const LOCAL = { id: "l", type: "local-candidate", candidateType: "host", protocol: "udp" };
const PAIR = {
  id: "p",
  type: "candidate-pair",
  localCandidateId: "l",
  nominated: true,
  state: "succeeded",
  currentRoundTripTime: 0.02,
};

describe("the counters", () => {
  it("are those of every stream, the other side's reports among them", () => {
    const found = count(
      [
        { id: "a", type: "inbound-rtp", bytesReceived: 10, packetsReceived: 3, packetsLost: -1 },
        { id: "v", type: "inbound-rtp", bytesReceived: 30, packetsReceived: 4, packetsLost: 2 },
        { id: "o", type: "outbound-rtp", bytesSent: 50 },
        { id: "r", type: "remote-inbound-rtp", fractionLost: 0.1, roundTripTime: 0.5 },
        { id: "s", type: "remote-inbound-rtp", fractionLost: 0.02, roundTripTime: NaN },
        LOCAL,
        PAIR,
      ],
      7,
    );
    expect(found).toEqual({
      at: 7,
      bytesOut: 50,
      bytesIn: 40,
      packetsIn: 7,
      lostIn: 2,
      lostOut: 0.1,
      roundTrip: 0.02,
      transport: "udp",
    });
  });

  it.each([
    [
      "the browser that names the pair in its transport",
      { id: "t", type: "transport", selectedCandidatePairId: "q" },
    ],
    ["the browser that marks it", { ...PAIR, id: "q", localCandidateId: "tcp", selected: true }],
  ])("know the way in %s", (_, stat) => {
    const tcp = { ...LOCAL, id: "tcp", protocol: "tcp" };
    const chosen = { ...PAIR, id: "q", localCandidateId: "tcp" };
    expect(count([LOCAL, tcp, PAIR, chosen, stat], 0).transport).toBe("tcp");
  });

  it("say when media goes by a relay, and take the round trip from reports", () => {
    const { currentRoundTripTime: _round, ...pair } = PAIR;
    const relay = { ...LOCAL, candidateType: "relay", protocol: "udp" };
    const report = { id: "r", type: "remote-inbound-rtp", roundTripTime: 0.5 };
    const found = count([relay, pair, report], 0);
    expect(found.transport).toBe("relay");
    expect(found.roundTrip).toBe(0.5);
    const translated = { ...LOCAL, candidateType: "prflx", relayProtocol: "tls" };
    expect(count([translated, pair], 0).transport).toBe("relay");
    expect(count([{ ...LOCAL, candidateType: "prflx" }, pair], 0).transport).toBe("udp");
    expect(count([], 0)).toMatchObject({ transport: null, roundTrip: null, lostOut: null });
  });
});
