// @vitest-environment node
import { describe, expect, it } from "vitest";
import { random } from "./bytes";
import { type Device, World } from "./testing/world";
import { TIMES } from "./times";

const VISIT = "01890000-0000-7000-8000-000000000001";
/** After this long there is a code again for those who are there now. */
const NEXT_CODE = TIMES.betweenRounds + TIMES.askAfter;

async function together(...names: string[]): Promise<{ world: World; devices: Device[] }> {
  const world = new World();
  const devices: Device[] = [];
  for (const name of names) {
    devices.push(await world.join(name));
    await world.pass(0);
  }
  return { world, devices };
}

async function two(): Promise<{ world: World; a: Device; b: Device }> {
  const { world, devices } = await together("a", "b");
  const [a, b] = devices;
  if (!a || !b) throw new Error("two devices");
  return { world, a, b };
}

describe("two devices", () => {
  it("hide from the first frame on, and have the same code without anybody waiting", async () => {
    const { world, a, b } = await two();
    await world.agrees();
    expect(world.now).toBe(0);
    expect(a.privacy).toEqual({ state: "on", cannot: [], code: b.privacy.code });
  });

  it("show each picture once, and none that was never hidden", async () => {
    const { world, a, b } = await two();
    const { sent, shown } = await world.shows(a, b);
    expect(shown).not.toBeNull();
    expect(await b.session.open("video", sent.slice())).toBeNull();
    expect(await b.session.open("video", random(300))).toBeNull();
    expect(await b.session.open("audio", sent.slice())).toBeNull();
  });

  it("find each other again when one comes back with another device", async () => {
    const { world, a } = await two();
    const code = a.privacy.code;
    const anew = await world.join("b");
    await world.pass(NEXT_CODE);
    await world.agrees();
    expect(a.privacy.code).not.toBe(code);
    expect(anew.privacy.code).toBe(a.privacy.code);
  });

  it("say no code that the server could have brought about by standing between them", async () => {
    // It gives each a key of its own in the other's place, and speaks with both.
    const world = new World();
    const middle = new World();
    const [forA, forB] = [await middle.join("b"), await middle.join("a")];
    world.tamper = (other, told) => ({
      ...other,
      publicKey: (told.participant === "a" ? forA : forB).publicKey,
    });
    const a = await world.join("a");
    const b = await world.join("b");
    const pass = async (): Promise<void> => {
      for (const device of [a, b]) while (device.news.length > 0) await world.news(device);
      forA.session.seated(VISIT, "b", [{ participant: "a", publicKey: a.publicKey }]);
      forB.session.seated(VISIT, "a", [{ participant: "b", publicKey: b.publicKey }]);
      for (let round = 0; round < 10; round += 1) {
        for (const each of [a, b, forA, forB]) await each.session.idle;
        for (const { to, data, from } of world.carried.splice(0)) {
          (to === "b" ? forA : forB).session.hear(from.participant, data);
        }
        for (const { to, data, from } of middle.carried.splice(0)) {
          (to === "a" ? a : b).session.hear(from.participant, data);
        }
      }
    };
    await pass();
    // It reads everything …
    const frame = random(200);
    const sent = await a.session.seal("video", frame.slice());
    expect(sent && (await forA.session.open("video", sent))).toEqual(frame);
    expect(a.privacy.code).toMatch(/^\d{6}$/);
    expect(b.privacy.code).toMatch(/^\d{6}$/);
    // … and whoever reads the code aloud hears another.
    expect(a.privacy.code).not.toBe(b.privacy.code);
  });

  it("read nothing of each other when the server only changed a key", async () => {
    const world = new World();
    const other = await new World().join("b");
    world.tamper = (seat, told) =>
      told.participant === "a" ? { ...seat, publicKey: other.publicKey } : seat;
    const [a, b] = [await world.join("a"), await world.join("b")];
    await world.pass(20_000);
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      expect((await world.shows(from, to)).shown).toBeNull();
      expect(to.privacy.code).toBeNull();
    }
  });
});

describe("a third", () => {
  it("comes without anybody losing a picture, and reads nothing of before", async () => {
    const { world, a, b } = await two();
    const before = await world.shows(a, b);
    const late = await a.session.seal("video", random(100));
    const c = await world.join("c");
    // News and messages come one at a time: whatever a sends meanwhile, b can show.
    for (let turn = 0; turn < 40; turn += 1) {
      for (const device of [c, a, b]) await world.news(device);
      expect((await world.shows(a, b)).shown).not.toBeNull();
      expect((await world.shows(b, a)).shown).not.toBeNull();
      await world.deliver();
    }
    await world.pass(NEXT_CODE);
    await world.agrees();
    expect(await c.session.open("video", before.sent)).toBeNull();
    // What was on its way under the old key is shown all the same.
    expect(late && (await b.session.open("video", late))).not.toBeNull();
  });

  it("leaves, and reads nothing of what is said after", async () => {
    const { world, devices } = await together("a", "b", "c");
    const [a, b, c] = devices;
    if (!a || !b || !c) throw new Error("three");
    await world.pass(NEXT_CODE);
    await world.agrees();
    const last = await world.shows(c, a);
    world.leave("c");
    await world.pass(NEXT_CODE);
    await world.agrees();
    const { sent } = await world.shows(a, b);
    expect(await c.session.open("video", sent)).toBeNull();
    const injected = await c.session.seal("video", random(100));
    expect(last.shown && injected && (await a.session.open("video", injected))).toBeNull();
  });

  it("does not wait long for one of the others who does not answer", async () => {
    const { world, a, b } = await two();
    const c = await world.join("c");
    for (const device of [a, b, c]) await world.news(device);
    const pass = async (milliseconds: number): Promise<void> => {
      for (const end = world.now + milliseconds; world.now < end; world.now += 500) {
        while (world.carried.length > 0) {
          if (world.carried[0]?.from === b) world.carried.shift();
          else await world.deliver();
        }
        await world.tick(a);
      }
    };
    await pass(TIMES.patience);
    // Perhaps b has not heard of the new key: what a sends is still under the old one.
    expect((await world.shows(a, c)).shown).toBeNull();
    await pass(TIMES.askAfter);
    expect((await world.shows(a, c)).shown).not.toBeNull();
    expect((await world.shows(a, b)).shown).not.toBeNull();
    await world.pass(30_000);
    await world.agrees();
  });
});

describe("what was lost on the way", () => {
  it("is asked for, though the other lacks nothing", async () => {
    const world = new World();
    const [a, b] = [await world.join("a"), await world.join("b")];
    for (const device of [a, a, b]) await world.news(device);
    // The second thing that b says is its number.
    let said = 0;
    while (world.carried.length > 0) {
      if (world.carried[0]?.from === b && ++said === 2) world.carried.shift();
      else await world.deliver();
    }
    expect([a.privacy.code, b.privacy.code]).toEqual([null, expect.any(String)]);
    await world.pass(1_000);
    await world.agrees();
  });

  it("is no picture under a key that was given up long ago", async () => {
    const { world, a, b } = await two();
    const early = await a.session.seal("video", random(100));
    const kept = await a.session.seal("video", random(100));
    await world.join("c");
    await world.pass(NEXT_CODE);
    expect(early && (await b.session.open("video", early))).not.toBeNull();
    await world.shows(a, b);
    await world.pass(TIMES.late + 1_000);
    expect(kept && (await b.session.open("video", kept))).toBeNull();
    await world.agrees();
  });

  it("is not the end of one who is told apart by the key alone", async () => {
    const { world, a } = await two();
    await world.join("b");
    // That b was gone in between is never heard of.
    a.news.shift();
    await world.pass(NEXT_CODE);
    await world.agrees();
  });
});

describe("a code", () => {
  it("is not made as often as somebody in the middle might like to guess", async () => {
    const { world, a } = await two();
    const codes = new Set([a.privacy.code]);
    for (let time = 0; time < 20; time += 1) {
      await world.join("b");
      await world.pass(0);
      world.now += 100;
      codes.add(a.privacy.code);
    }
    codes.delete(null);
    // The first, and one more in these two seconds.
    expect(codes.size).toBeLessThanOrEqual(2);
    await world.pass(NEXT_CODE);
    await world.agrees();
  });
});

describe("a device that can't", () => {
  it("switches it off for all, visibly, and its going switches it on again", async () => {
    const { world, a, b } = await two();
    await world.join("c", false);
    await world.pass(0);
    await world.agrees();
    expect(a.privacy).toEqual({ state: "off", cannot: ["c"], code: null });
    world.leave("c");
    await world.pass(0);
    // Just now: pictures in the clear are still shown, so nothing is promised yet.
    expect(a.privacy).toEqual({ state: "off", cannot: [], code: null });
    const clear = random(100);
    expect(await b.session.open("video", clear)).toEqual(clear);
    await world.pass(TIMES.turning + 500);
    await world.agrees();
    expect(await b.session.open("video", clear)).toBeNull();
  });

  it("freezes nobody who can while it comes and goes", async () => {
    const { world, a, b } = await two();
    for (let time = 0; time < 3; time += 1) {
      for (const device of [await world.join("c", false), null]) {
        if (device === null) world.leave("c");
        // Both have heard of it, in either order; until then only one has changed over.
        for (const each of time % 2 === 0 ? [a, b] : [b, a]) await world.news(each);
        for (let turn = 0; turn < 8; turn += 1) {
          expect((await world.shows(a, b)).shown).not.toBeNull();
          expect((await world.shows(b, a)).shown).not.toBeNull();
          await world.deliver();
          world.now += 500;
          await world.tick(a);
          await world.tick(b);
        }
      }
    }
  });

  it("is one whose key is none, for all alike", async () => {
    const { world, a, b } = await two();
    world.tamper = (other) =>
      other.participant === "c" ? { ...other, publicKey: "A".repeat(87) } : other;
    await world.join("c", false);
    await world.pass(0);
    expect(a.privacy).toEqual({ state: "off", cannot: ["c"], code: null });
    expect(b.privacy).toEqual(a.privacy);
  });
});

describe("what is said past the server", () => {
  it("is taken once, and only by whom it is for", async () => {
    const { world, a, b } = await two();
    await world.join("c");
    for (const device of world.devices) await world.news(device);
    const messages = [...world.carried];
    for (const { from, to, data } of messages) {
      for (const device of world.devices) {
        if (device.participant !== to) device.session.hear(from.participant, data);
        else device.session.hear("c", data.slice(0, -2));
        await device.session.idle;
      }
    }
    for (let at = 0; at < messages.length; at += 1) await world.deliver(at, { keep: true });
    await world.pass(NEXT_CODE);
    await world.agrees();
    for (const { from, to, data } of messages) {
      const target = world.devices.find((each) => each.participant === to);
      target?.session.hear(from.participant, data);
      await target?.session.idle;
    }
    // What was said long ago, heard again, gives nobody an old key back.
    expect(world.carried).toEqual([]);
    await world.agrees();
    expect(a.privacy.code).toBe(b.privacy.code);
  });

  it("ends: who lacks nothing says nothing, and noise is not answered", async () => {
    const { world, a } = await two();
    await world.pass(60_000);
    for (const noise of ["", "?", "AAAA", "A".repeat(2_000)]) a.session.hear("b", noise);
    a.session.hear("nobody", "AAAA");
    for (const device of world.devices) await world.tick(device);
    expect(world.carried).toEqual([]);
  });
});
