// @vitest-environment node
import { describe, expect, it } from "vitest";
import { Channel, type End, freshIdentity } from "./channel";
import { noncesOf } from "./testing/nonces";

const VISIT = "01890000-0000-7000-8000-000000000001";

async function ends(
  visitOfB = VISIT,
): Promise<{ a: Channel; b: Channel; again: () => Promise<Channel> }> {
  const [mine, theirs] = [await freshIdentity(), await freshIdentity()];
  const endA: End = { participant: "a", publicKey: mine.publicKey };
  const endB: End = { participant: "b", publicKey: theirs.publicKey };
  const again = (): Promise<Channel> => Channel.between(VISIT, mine, "a", endB);
  return { a: await again(), b: await Channel.between(visitOfB, theirs, "b", endA), again };
}

describe("a channel", () => {
  it("carries words both ways, and no two messages look alike", async () => {
    const { a, b } = await ends();
    const sent = [await a.seal("the same"), await a.seal("the same"), await b.seal("the same")];
    expect(new Set(sent).size).toBe(3);
    expect(await b.open(sent[0] ?? "")).toBe("the same");
    expect(await b.open(sent[1] ?? "")).toBe("the same");
    expect(await a.open(sent[2] ?? "")).toBe("the same");
  });

  it("takes nothing twice, nothing after what was said later, and nothing of its own", async () => {
    const { a, b } = await ends();
    const [first, second] = [await a.seal("first"), await a.seal("second")];
    expect(await a.open(first)).toBeNull();
    expect(await b.open(second)).toBe("second");
    expect(await b.open(second)).toBeNull();
    expect(await b.open(first)).toBeNull();
    expect(await b.open(await a.seal("third"))).toBe("third");
  });

  it("is of one visit and of two devices", async () => {
    const { a, b } = await ends("01890000-0000-7000-8000-000000000002");
    const stranger = await ends();
    const sent = await a.seal("words");
    expect(await b.open(sent)).toBeNull();
    expect(await stranger.b.open(sent)).toBeNull();
  });

  it("is of two people, whoever else the server says that a device belongs to", async () => {
    const [mine, theirs] = [await freshIdentity(), await freshIdentity()];
    const [mineIs, theirsIs] = [mine.publicKey, theirs.publicKey];
    const a = await Channel.between(VISIT, mine, "a", { participant: "b", publicKey: theirsIs });
    const c = await Channel.between(VISIT, theirs, "c", { participant: "a", publicKey: mineIs });
    const b = await Channel.between(VISIT, theirs, "b", { participant: "x", publicKey: mineIs });
    const sent = await a.seal("words");
    expect(await c.open(sent)).toBeNull();
    expect(await b.open(sent)).toBeNull();
  });

  it("lets nothing through that was changed, or is none", async () => {
    const { a, b } = await ends();
    const sent = await a.seal("words");
    for (let at = 0; at < sent.length; at += 1) {
      const letter = sent[at] === "A" ? "B" : "A";
      expect(await b.open(sent.slice(0, at) + letter + sent.slice(at + 1))).toBeNull();
    }
    for (const noise of ["", "A", "AAAA", "?", sent.slice(0, 12), sent.slice(1)]) {
      expect(await b.open(noise)).toBeNull();
    }
    expect(await b.open(sent)).toBe("words");
  });

  it("would use nonces again if it were made again: one is kept for a leg", async () => {
    const nonces = noncesOf();
    const { a, again } = await ends();
    await a.seal("one");
    await (await again()).seal("another");
    expect(nonces.repeated).toHaveLength(1);
  });

  it.each(["", "AAAA", "A".repeat(87), "not base64!"])(
    "is not made with %j for a key",
    async (key) => {
      const end = { participant: "b", publicKey: key };
      await expect(Channel.between(VISIT, await freshIdentity(), "a", end)).rejects.toThrow();
    },
  );
});
