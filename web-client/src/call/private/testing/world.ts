/** Devices in a call, the server between them, and time: everything may come late, twice or never. */
import { expect } from "vitest";
import type { Bytes } from "../bytes";
import { random } from "../bytes";
import { freshIdentity } from "../channel";
import { ALONE, type Other, type Privacy, Session } from "../session";

export const VISIT = "01890000-0000-7000-8000-000000000001";

export interface Device {
  readonly participant: string;
  readonly publicKey: string | null;
  readonly session: Session;
  privacy: Privacy;
  /** What the server has said of who is there, and the device has not heard yet. */
  readonly news: Other[][];
}

interface Carried {
  readonly from: Device;
  readonly to: string;
  readonly data: string;
}

export class World {
  now = 0;
  readonly carried: Carried[] = [];
  readonly devices: Device[] = [];
  /** Somebody in the server who changes what it says to whom of whose key. */
  tamper: (other: Other, told: Device) => Other = (other) => other;

  async join(participant: string, able = true): Promise<Device> {
    this.leave(participant);
    const identity = await freshIdentity();
    const device: Device = {
      participant,
      publicKey: able ? identity.publicKey : null,
      privacy: ALONE,
      news: [],
      session: new Session(identity, {
        send: (messages) => {
          for (const { to, data } of messages) this.carried.push({ from: device, to, data });
        },
        changed: (privacy) => (device.privacy = privacy),
        now: () => this.now,
      }),
    };
    this.devices.push(device);
    this.#tell();
    return device;
  }

  leave(participant: string): void {
    const at = this.devices.findIndex((device) => device.participant === participant);
    if (at < 0) return;
    this.devices.splice(at, 1);
    this.#tell();
  }

  #tell(): void {
    for (const device of this.devices) device.news.push(this.#others(device));
  }

  #others(device: Device): Other[] {
    return this.devices
      .filter((other) => other !== device)
      .map(({ participant, publicKey }) => this.tamper({ participant, publicKey }, device));
  }

  /** The server's words cross: one who is there all the time is left out for a moment. */
  flicker(device: Device, left: number): void {
    const others = this.#others(device);
    device.news.push(others.filter((_, at) => at !== left));
    device.news.push(others);
  }

  /** The device hears the next thing that the server said of who is there. */
  async news(device: Device): Promise<void> {
    const others = device.news.shift();
    // A device without the means has no session: it only shows and sends what is in the clear.
    if (others === undefined || device.publicKey === null) return;
    device.session.seated(VISIT, device.participant, others);
    await device.session.idle;
  }

  /** A message arrives, by its place among those that are on their way. */
  async deliver(at = 0, { keep = false } = {}): Promise<void> {
    const [message] = keep ? this.carried.slice(at, at + 1) : this.carried.splice(at, 1);
    if (message === undefined) return;
    const { from, to, data } = message;
    const target = this.devices.find(({ participant }) => participant === to);
    // The server carries nothing of who has left the call.
    if (target === undefined || target.publicKey === null || !this.devices.includes(from)) return;
    target.session.hear(from.participant, data);
    await target.session.idle;
  }

  async tick(device: Device): Promise<void> {
    device.session.tick();
    await device.session.idle;
  }

  /** So much time, in which everything that is sent arrives. */
  async pass(milliseconds: number): Promise<void> {
    for (const end = this.now + milliseconds; ; this.now += 500) {
      for (const device of this.devices) while (device.news.length > 0) await this.news(device);
      while (this.carried.length > 0) await this.deliver();
      if (this.now >= end) return;
      for (const device of this.devices) if (device.publicKey !== null) await this.tick(device);
    }
  }

  /** A picture of one, as it leaves and as another shows it. */
  async shows(
    from: Device,
    to: Device,
  ): Promise<{ frame: Bytes; sent: Bytes; shown: Bytes | null }> {
    const frame = random(300);
    const sent = from.publicKey === null ? frame : await from.session.seal("video", frame.slice());
    if (sent === null) throw new Error("nothing leaves");
    const shown = to.publicKey === null ? sent : await to.session.open("video", sent.slice());
    return { frame, sent, shown };
  }

  /** What must be true when everything has been said: all see all, and nobody is told a lie. */
  async agrees(): Promise<void> {
    const able = this.devices.filter(({ publicKey }) => publicKey !== null);
    const all = able.length === this.devices.length;
    const cannot = this.devices.filter((each) => each.publicKey === null);
    for (const device of able) {
      const alone = this.devices.length === 1;
      expect(device.privacy.state).toBe(alone ? "alone" : all ? "on" : "off");
      expect([...device.privacy.cannot].sort()).toEqual(cannot.map((it) => it.participant).sort());
      if (all && !alone) expect(device.privacy.code).toMatch(/^\d{6}$/);
      expect(device.privacy.code).toBe(able[0]?.privacy.code);
    }
    for (const from of this.devices) {
      for (const to of this.devices) {
        if (from === to) continue;
        const { frame, sent, shown } = await this.shows(from, to);
        expect(shown).toEqual(frame);
        if (all) expect(sent).not.toEqual(frame);
        else expect(sent).toEqual(frame);
      }
    }
  }
}
