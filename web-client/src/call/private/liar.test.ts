// @vitest-environment node
/** Nobody is believed further than must be: neither the server, nor the others. */
import { expect, it } from "vitest";
import { random } from "./bytes";
import { Channel, freshIdentity } from "./channel";
import { FrameKey, SECRET_BYTES, Sealer } from "./frames";
import { Member, Readers } from "./member";
import { VISIT, World } from "./testing/world";
import { TIMES } from "./times";

it("hides nothing when the server seats somebody under one's own name", async () => {
  // Who is counted as oneself need say nothing for the code: it then agrees whoever listens.
  const world = new World();
  const ghost = await new World().join("a");
  const [a, b] = [await world.join("a"), await world.join("b")];
  await world.pass(0);
  a.session.seated(VISIT, "a", [
    { participant: "b", publicKey: b.publicKey },
    { participant: "a", publicKey: ghost.publicKey },
  ]);
  await a.session.idle;
  expect(a.privacy).toEqual({ state: "off", cannot: ["a"], code: null });
  expect(world.carried.filter(({ to }) => to === "a")).toEqual([]);
});

it("shows nothing twice when the server says that its sender went and came back", async () => {
  const world = new World();
  const [a, b] = [await world.join("a"), await world.join("b")];
  await world.pass(0);
  const { sent } = await world.shows(a, b);
  // Only b is told so: a goes on with the key that it has.
  b.session.seated(VISIT, "b", []);
  b.session.seated(VISIT, "b", [{ participant: "a", publicKey: a.publicKey }]);
  await b.session.idle;
  await world.pass(TIMES.betweenRounds + TIMES.askAfter);
  expect((await world.shows(a, b)).shown).not.toBeNull();
  expect(await b.session.open("video", sent.slice())).toBeNull();
});

it("keeps no more keys of somebody than are ever in use", async () => {
  const [mine, theirs] = [await freshIdentity(), await freshIdentity()];
  const end = { participant: "b", publicKey: theirs.publicKey };
  const member = new Member(end, await Channel.between(VISIT, mine, "a", end), 0);
  const readers = new Readers();
  const told = await Promise.all(
    Array.from({ length: 40 }, () => FrameKey.of(random(SECRET_BYTES))),
  );
  for (const { secret } of told) await readers.take(member, secret);
  expect(member.openers.length).toBeLessThanOrEqual(16);
  const shows = async (key: FrameKey | undefined): Promise<unknown> => {
    if (key === undefined) throw new Error("a key");
    return await readers.open("audio", await new Sealer(key).seal("audio", random(50)), 0);
  };
  expect(await shows(told[0])).toBeNull();
  expect(await shows(told.at(-1))).not.toBeNull();
});
