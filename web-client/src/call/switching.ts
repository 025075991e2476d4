/** What a person switches while a call lasts, decided: part of the reducer. No I/O, no clock. */
import type { Spared } from "./ladder";
import {
  effective,
  inCall,
  sending,
  type CallEvent,
  type CallState,
  type Command,
  type Pair,
  type Step,
} from "./model";

export function stay(state: CallState, ...commands: Command[]): Step {
  return { state, commands };
}

/** Tells the other side what it will see, when there is a line to tell it on. */
export function tell(state: CallState): Step {
  return state.leg !== null && inCall(state.phase)
    ? stay(state, { type: "tell_state", leg: state.leg, on: sending(state) })
    : stay(state);
}

/** The devices are to be as the state says; `asked`: what the person just switched on. */
function apply(state: CallState, asked: Pair): Step {
  const { commands } = tell(state);
  return stay(state, { type: "apply_wanted", wanted: effective(state), asked }, ...commands);
}

function remembered(state: CallState): Command {
  return { type: "remember", wanted: state.wanted, onHold: state.onHold };
}

export function onWant(state: CallState, event: Extract<CallEvent, { type: "want" }>): Step {
  const wanted = {
    mic: event.mic ?? state.wanted.mic,
    camera: event.camera ?? state.wanted.camera,
  };
  const asked = { mic: event.mic === true, camera: event.camera === true };
  // Who switches the camera on wants it now, whatever was left out before.
  const spared = asked.camera ? { ...state.spared, camera: false } : state.spared;
  const { state: next, commands } = apply({ ...state, wanted, spared }, asked);
  return stay(next, remembered(next), ...commands);
}

/** Less for the sound's sake, or all again; what comes is switched at the relay. */
export function onSpare(state: CallState, spared: Spared): Step {
  if (!inCall(state.phase)) return stay(state);
  const camera = state.spared.camera && !spared.camera && state.wanted.camera;
  return apply({ ...state, spared }, { mic: false, camera });
}

/** Nothing is sent while it lasts; then everything is as it was. */
export function onHold(state: CallState, on: boolean): Step {
  if (!inCall(state.phase) || on === state.onHold) return stay(state);
  const held = { ...state, onHold: on };
  const { state: next, commands } = apply(
    held,
    on ? { mic: false, camera: false } : effective(held),
  );
  const screen: Command[] = state.sharing ? [{ type: "send_screen", on: !on }] : [];
  return stay(next, remembered(next), ...screen, ...commands);
}

/** A screen outlives a broken line, and nothing else. */
export function onScreen(state: CallState, event: Extract<CallEvent, { type: "screen" }>): Step {
  const notice = event.notice ?? state.notice;
  if (event.on) {
    if (!inCall(state.phase)) return stay(state, { type: "stop_screen" });
    return tell({ ...state, sharing: true, notice });
  }
  if (!state.sharing) return stay(inCall(state.phase) ? { ...state, notice } : state);
  const { state: next, commands } = tell({ ...state, sharing: false, notice });
  return { state: next, commands: [{ type: "stop_screen" }, ...commands] };
}
