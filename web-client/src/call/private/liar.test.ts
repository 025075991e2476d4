// @vitest-environment node
/** What the server says of who is there is believed by nobody further than it must be. */
import { expect, it } from "vitest";
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
