// @vitest-environment node
import { describe, expect, it } from "vitest";
import { type People, Round, type Said } from "./round";

const VISIT = "01890000-0000-7000-8000-000000000001";
const PEOPLE: People = new Map([
  ["a", "key of a"],
  ["b", "key of b"],
  ["c", "key of c"],
]);

async function rounds(people = PEOPLE): Promise<Map<string, Round>> {
  const id = await Round.idOf(VISIT, people);
  const begun = Array.from(people.keys(), async (who) => {
    return [who, await Round.begin(id, who, people)] as const;
  });
  return new Map(await Promise.all(begun));
}

/** Everybody tells everybody else, so many times. */
async function tell(all: ReadonlyMap<string, Round>, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const said = Array.from(all, ([who, round]) => [who, round.said()] as const);
    for (const round of all.values()) for (const [who, what] of said) await round.hear(who, what);
  }
}

function one(all: ReadonlyMap<string, Round>, who: string): Round {
  const round = all.get(who);
  if (round === undefined) throw new Error(`no ${who}`);
  return round;
}

describe("a code", () => {
  it("is the same six digits for all, after everybody has spoken twice", async () => {
    const all = await rounds();
    await tell(all, 1);
    expect([...all.values()].map(({ code }) => code)).toEqual([null, null, null]);
    await tell(all, 1);
    const codes = new Set([...all.values()].map(({ code }) => code));
    expect(codes.size).toBe(1);
    expect([...codes][0]).toMatch(/^\d{6}$/);
  });

  it("is another every time, also for the same people", async () => {
    const codes = new Set<string | null>();
    for (let time = 0; time < 5; time += 1) {
      const all = await rounds();
      await tell(all, 2);
      codes.add(one(all, "a").code);
    }
    expect(codes.size).toBe(5);
  });

  it("depends on the keys and on the visit", async () => {
    const ids = await Promise.all([
      Round.idOf(VISIT, PEOPLE),
      Round.idOf(`${VISIT}2`, PEOPLE),
      Round.idOf(VISIT, new Map([...PEOPLE, ["c", "another key"]])),
      Round.idOf(VISIT, new Map([...PEOPLE].slice(0, 2))),
    ]);
    expect(new Set(ids).size).toBe(4);
    expect(await Round.idOf(VISIT, new Map([...PEOPLE].reverse()))).toBe(ids[0]);
  });

  it("is never begun to be told before everybody is bound", async () => {
    const all = await rounds();
    const [a, b, c] = [one(all, "a"), one(all, "b"), one(all, "c")];
    await a.hear("b", b.said());
    // Of c there is nothing yet: to say the number now would let c choose by it.
    expect(a.said().number).toBeNull();
    await a.hear("c", c.said());
    expect(a.said().number).not.toBeNull();
  });

  it("binds everybody to what they said first", async () => {
    const all = await rounds();
    const others = await rounds();
    const a = one(all, "a");
    for (const who of ["b", "c"]) await a.hear(who, one(all, who).said());
    await tell(others, 2);
    // c has thought of another number, and of a commitment that fits it.
    await a.hear("c", one(others, "c").said());
    expect(a.lacks("c")).toBe(true);
    await tell(all, 2);
    expect(a.lacks("c")).toBe(false);
    expect(a.code).toBe(one(all, "b").code);
  });

  it("takes nobody's word for another, and nothing of another round", async () => {
    const all = await rounds();
    const [a, b] = [one(all, "a"), one(all, "b")];
    const said: Said = b.said();
    await a.hear("c", { ...said, round: "another" });
    await a.hear("nobody", said);
    await a.hear("a", said);
    await tell(all, 2);
    expect(a.code).toMatch(/^\d{6}$/);
    expect(a.code).toBe(one(all, "c").code);
  });
});
