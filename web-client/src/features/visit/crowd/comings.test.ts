import { expect, it } from "vitest";
import { type Comings, GRACE_MS, look, nobody } from "./comings";

const of = (...names: string[]): Map<string, string> => new Map(names.map((name) => [name, name]));

function after(...seen: readonly (readonly [number, ...string[]])[]): Comings<string> {
  return seen.reduce(
    (comings, [at, ...names]) => look(comings, of(...names), at).comings,
    nobody<string>(),
  );
}

it("tells each newcomer once", () => {
  const first = look(nobody<string>(), of("anna", "bo"), 0);
  expect(first).toMatchObject({ came: ["anna", "bo"], left: [] });
  expect(look(first.comings, of("anna", "bo", "cia"), 1)).toMatchObject({
    came: ["cia"],
    left: [],
  });
  expect(look(first.comings, of("anna", "bo"), 1)).toMatchObject({ came: [], left: [] });
});

it("tells nobody of a line that broke and came back", () => {
  const missing = after([0, "anna", "bo"], [1_000, "anna"]);
  const back = look(missing, of("anna", "bo"), 1_000 + GRACE_MS - 1);
  expect(back).toMatchObject({ came: [], left: [] });
  expect(look(back.comings, of("anna", "bo"), 60_000)).toMatchObject({ came: [], left: [] });
});

it("tells once who is gone for good, and of the return as of a newcomer", () => {
  const missing = after([0, "anna", "bo"], [1_000, "anna"]);
  expect(look(missing, of("anna"), 999 + GRACE_MS).left).toEqual([]);
  const gone = look(missing, of("anna"), 1_000 + GRACE_MS);
  expect(gone).toMatchObject({ came: [], left: ["bo"] });
  expect(look(gone.comings, of("anna"), 90_000).left).toEqual([]);
  expect(look(gone.comings, of("anna", "bo"), 90_000).came).toEqual(["bo"]);
});
