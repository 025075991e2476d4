/** The reducer as its tests play it: events one after the other, on a clock of their own. */
import { freshCall, type CallEvent, type CallState, type Command } from "../model";
import { step } from "../reducer";

export const PEER = { joined: false, micOn: false, cameraOn: false };

export type WithoutTime<E> = E extends unknown ? Omit<E, "at"> : never;

/** Plays events one after the other, and collects what was to be done. */
export function play(
  from: CallState,
  ...events: readonly (readonly [number, WithoutTime<CallEvent>])[]
): { state: CallState; commands: Command[] } {
  let state = from;
  const commands: Command[] = [];
  for (const [at, event] of events) {
    const next = step(state, { ...event, at });
    state = next.state;
    commands.push(...next.commands);
  }
  return { state, commands };
}

export function kinds(commands: readonly Command[]): string[] {
  return commands.map((command) => command.type);
}

export const READY: CallState = freshCall({ mic: true, camera: true }, "up");

export const ANSWERED = [
  [0, { type: "start", granted: true }],
  [10, { type: "devices_ready", have: { mic: true, camera: true }, notice: null }],
  [20, { type: "joined", attempt: 1, leg: "leg-1", peer: PEER }],
] as const;

export const LINKED = [30, { type: "link", leg: "leg-1", link: "connected" }] as const;
export const LIVE = play(READY, ...ANSWERED, LINKED).state;
