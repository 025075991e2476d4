import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { CallKey, CallSlots } from "../wire/generated";
import { CallEngine } from "./engine";
import { PEER } from "./testing/play";
import { seating } from "./testing/seats";
import type { CallPorts } from "./view";

const told = vi.hoisted(() => ({ heard: [] as unknown[], seated: [] as unknown[] }));

vi.mock("./line", () => ({
  Line: class {
    hear(hint: unknown): void {
      told.heard.push(hint);
    }
    seat(hint: unknown): void {
      told.seated.push(hint);
    }
    prepare(): void {}
    again(): void {}
    join = () => Promise.resolve();
    leave = () => Promise.resolve();
    tellState = () => Promise.resolve();
    replace(): void {}
    levels = () => [];
    close(): void {}
    end(): void {}
  },
}));

let say: (event: string, hint: unknown) => void = () => undefined;
let close: () => void = () => undefined;
let engine: CallEngine;

beforeEach(() => {
  told.heard = [];
  told.seated = [];
  const listeners = new Map<string, (hint: unknown) => void>();
  say = (event, hint) => listeners.get(event)?.(hint);
  const live = {
    status: () => "connected",
    subscribe: () => () => undefined,
    emit: () => Promise.resolve({}),
    on: (event: string, listener: (hint: unknown) => void) => {
      listeners.set(event, listener);
      return () => listeners.delete(event);
    },
  } as unknown as CallPorts["live"];
  engine = new CallEngine("visit-1", {
    live,
    chat: true,
    pictures: false,
    goChat: () => Promise.resolve(),
  });
  close = engine.open();
  engine.tell({ type: "start", granted: true });
  engine.tell({ type: "devices_ready", have: { mic: true, camera: true }, notice: null });
  engine.tell({ type: "joined", attempt: 1, leg: "leg-2", peer: PEER });
});
afterEach(() => {
  close();
  sessionStorage.clear();
});

const key = (leg_id: string): CallKey => ({
  type: "call.key",
  visit_id: "visit-1",
  leg_id,
  participant_id: "p",
  sealed: leg_id,
});
const slots = (leg_id: string): CallSlots => ({
  type: "call.slots",
  visit_id: "visit-1",
  leg_id,
  ...seating([]),
});

it("takes keys and seats of its own leg alone: another tab's, or the one before, have others", () => {
  for (const leg of ["leg-1", "leg-2", "leg-3"]) {
    say("call.key", key(leg));
    say("call.slots", slots(leg));
  }
  expect(told.heard).toEqual([key("leg-2")]);
  expect(told.seated).toEqual([slots("leg-2")]);
});
