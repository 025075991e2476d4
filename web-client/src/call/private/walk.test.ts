// @vitest-environment node
import { describe, expect, it } from "vitest";
import { dice } from "../testing/dice";
import { noncesOf } from "./testing/nonces";
import { World } from "./testing/world";

describe("in whatever order everything comes", () => {
  it.each(Array.from({ length: 25 }, (_, seed) => [seed]))(
    "all end up seeing all, with one code and no nonce twice (walk %i)",
    async (seed) => {
      const nonces = noncesOf();
      const roll = dice(seed);
      const world = new World();
      const names = ["a", "b", "c", "d", "e", "f"].slice(0, 2 + roll.below(5));
      for (let turn = 0; turn < 60; turn += 1) {
        const device = world.devices.length > 0 ? roll.pick(world.devices) : null;
        switch (roll.below(12)) {
          case 0:
            await world.join(roll.pick(names), roll.below(5) > 0);
            break;
          case 1:
            if (roll.below(2) === 0) world.leave(roll.pick(names));
            break;
          case 2:
            world.carried.splice(roll.below(world.carried.length + 1), 1);
            break;
          case 3:
            await world.deliver(roll.below(world.carried.length + 1), { keep: true });
            break;
          case 4:
            world.now += roll.below(3_000);
            break;
          case 5:
            if (device && device.publicKey !== null) await world.tick(device);
            break;
          case 6:
            if (device) world.flicker(device, roll.below(6));
            break;
          case 7:
          case 8:
            if (device) await world.news(device);
            break;
          default:
            await world.deliver(roll.below(world.carried.length + 1));
        }
      }
      await world.pass(25_000);
      await world.agrees();
      expect(nonces.repeated).toEqual([]);
    },
  );
});
