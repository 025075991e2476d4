/**
 * The call, decided: an event in, the next state and what to do about it out. No I/O, no clock.
 */
import { nextStep } from "./reconnect";
import { NOTHING_SPARED } from "./ladder";
import {
  effective,
  inCall,
  NEXT,
  sending,
  type CallEvent,
  type CallState,
  type Command,
  type ModeReason,
  type Phase,
  type Step,
  type Trouble,
} from "./model";
import { onHold, onScreen, onSpare, onWant, stay, tell } from "./switching";

const NO_DEVICES = { mic: false, camera: false } as const;

/** Codes after which asking again for the same thing leads nowhere: the visit itself has moved on. */
const VISIT_MOVED_ON: ReadonlySet<string> = new Set([
  "visit.closed",
  "call.not_video",
  "not_found",
]);

class IllegalCallMove extends Error {
  constructor(
    readonly from: Phase,
    readonly into: Phase,
  ) {
    super(`call cannot go from ${from} to ${into}`);
  }
}

/** The one door into each phase. */
function to(state: CallState, phase: Phase, change: Partial<CallState> = {}): CallState {
  if (phase !== state.phase && !NEXT[state.phase].includes(phase)) {
    throw new IllegalCallMove(state.phase, phase);
  }
  return { ...state, ...change, phase };
}

const GONE = {
  leg: null,
  trouble: null,
  have: NO_DEVICES,
  notice: null,
  sharing: false,
  spared: NOTHING_SPARED,
  onHold: false,
  peer: null,
  liveSince: null,
  connectedOnce: false,
} as const satisfies Partial<CallState>;

function hangUp(state: CallState): Command[] {
  const commands: Command[] = [];
  if (state.leg !== null) commands.push({ type: "leave", leg: state.leg });
  if (state.sharing) commands.push({ type: "stop_screen" });
  if (state.onHold) commands.push({ type: "remember", wanted: state.wanted, onHold: false });
  if (state.phase !== "idle") commands.push({ type: "close_peer" }, { type: "release_devices" });
  return commands;
}

function fallBack(state: CallState, reason: ModeReason): Step {
  const commands = hangUp(state);
  return {
    state: to(state, "fallen_back", { ...GONE, reason }),
    commands: [...commands, { type: "go_chat", reason }],
  };
}

function join(state: CallState, at: number, link: Trouble["link"] = "waiting"): Step {
  const attempt = state.attempt + 1;
  const before = state.trouble;
  const trouble: Trouble = {
    since: before?.since ?? at,
    link,
    restartAt: before?.restartAt ?? null,
    joinAt: at,
    asking: true,
  };
  const phase = state.connectedOnce ? "reconnecting" : "joining";
  return {
    state: to(state, phase, { attempt, leg: null, trouble }),
    commands: [{ type: "close_peer" }, { type: "join", attempt }],
  };
}

/** Looks at the table of times, and does what it says. */
function attend(state: CallState, at: number): Step {
  if (!inCall(state.phase) || state.trouble === null) return stay(state);
  const { trouble } = state;
  const step = nextStep(
    {
      trouble,
      socket: state.socket,
      socketSince: state.socketSince,
      connectedOnce: state.connectedOnce,
    },
    at,
  );
  switch (step) {
    case "wait":
      return stay(state);
    case "give_up":
      return fallBack(state, state.connectedOnce ? "connection_lost" : "media_blocked");
    case "join":
      return join(state, at);
    case "restart": {
      if (state.leg === null) return join(state, at);
      return stay(
        { ...state, trouble: { ...trouble, restartAt: at } },
        { type: "restart", leg: state.leg },
      );
    }
  }
}

function troubled(state: CallState, at: number, since: number, link: Trouble["link"]): Step {
  const before = state.trouble;
  const trouble: Trouble = before
    ? { ...before, link, asking: false }
    : { since, link, restartAt: null, joinAt: null, asking: false };
  const phase = state.connectedOnce ? "reconnecting" : state.phase;
  return attend(to(state, phase, { trouble }), at);
}

function healed(state: CallState, at: number): Step {
  const first = !state.connectedOnce;
  const next = to(state, "live", {
    connectedOnce: true,
    trouble: null,
    liveSince: state.liveSince ?? at,
  });
  if (state.leg === null) return stay(next);
  // Whoever looks at the other end may have missed what changed while the line was down.
  return first
    ? stay(next)
    : stay(next, { type: "tell_state", leg: state.leg, on: sending(state) });
}

/** Decides. Events that mean nothing in the present phase leave it as it is. */
export function step(state: CallState, event: CallEvent): Step {
  switch (event.type) {
    case "start":
      if (state.phase !== "idle") return stay(state);
      // Nobody is asked for a camera that this network cannot use.
      if (state.socket === "blocked") return fallBack(state, "media_blocked");
      return event.granted
        ? stay(to(state, "asking_devices", { reason: null }), askDevices(state))
        : stay(to(state, "explaining", { reason: null }));
    case "explained":
      if (state.phase !== "explaining") return stay(state);
      return stay(to(state, "asking_devices"), askDevices(state));
    case "devices_ready": {
      if (state.phase !== "asking_devices") return stay(state);
      return join(
        to(state, "asking_devices", { have: event.have, notice: event.notice }),
        event.at,
      );
    }
    case "devices_refused":
      return state.phase === "asking_devices" ? fallBack(state, event.reason) : stay(state);
    case "joined":
    case "join_refused":
      return onJoinAnswer(state, event);
    case "link":
    case "quiet":
    case "flowing":
    case "refused":
    case "lost":
      return event.leg === state.leg ? onLine(state, event) : stay(state);
    case "socket": {
      const { socket, at } = event;
      if (socket === "blocked" && state.phase === "explaining") {
        return fallBack({ ...state, socket, socketSince: at }, "media_blocked");
      }
      const { state: next, commands } = attend({ ...state, socket, socketSince: at }, at);
      // Naming the leg makes the new socket the one that speaks for it, and says what was missed.
      const told = socket === "up" && next.leg !== null ? tell(next).commands : [];
      return { state: next, commands: [...told, ...commands] };
    }
    case "peer":
      return inCall(state.phase) ? stay({ ...state, peer: event.peer }) : stay(state);
    case "want":
      return onWant(state, event);
    case "device": {
      if (!inCall(state.phase)) return stay(state);
      const have = { ...state.have, [event.kind]: event.have };
      return tell({ ...state, have, notice: event.notice ?? state.notice });
    }
    case "screen":
      return onScreen(state, event);
    case "spare":
      return onSpare(state, event.spared);
    case "hold":
      return onHold(state, event.on);
    case "notice_read":
      return stay({ ...state, notice: null });
    case "prefer_chat":
      return state.phase === "explaining" || state.phase === "asking_devices" || inCall(state.phase)
        ? fallBack(state, "chosen")
        : stay(state);
    case "take_over":
      if (state.phase !== "replaced") return stay(state);
      return stay(to(state, "asking_devices"), askDevices(state));
    case "stop":
      if (state.phase === "ended") return stay(state);
      return { state: to(state, "idle", { ...GONE }), commands: hangUp(state) };
    case "visit_over":
      if (state.phase === "ended") return stay(state);
      return { state: to(state, "ended", { ...GONE }), commands: hangUp(state) };
    case "tick":
      return attend(state, event.at);
  }
}

function askDevices(state: CallState): Command {
  return { type: "ask_devices", camera: effective(state).camera };
}

function onJoinAnswer(
  state: CallState,
  event: Extract<CallEvent, { type: "joined" | "join_refused" }>,
): Step {
  if (!inCall(state.phase) || event.attempt !== state.attempt) return stay(state);
  if (state.trouble?.asking !== true) return stay(state);
  const trouble: Trouble = { ...state.trouble, asking: false };
  if (event.type === "joined") {
    const phase = state.connectedOnce ? "reconnecting" : "connecting";
    const next = to(state, phase, { trouble, leg: event.leg, peer: event.peer });
    return stay(next, { type: "tell_state", leg: event.leg, on: sending(state) });
  }
  // The mode or the visit has changed and the hint is on its way: stop quietly, the room follows.
  if (VISIT_MOVED_ON.has(event.code)) {
    return { state: to(state, "idle", { ...GONE }), commands: hangUp(state) };
  }
  return attend({ ...state, trouble: { ...trouble, link: "lost" } }, event.at);
}

/** Another tab or device of the same person has the call. */
function gaveWay(state: CallState): Step {
  return { state: to(state, "replaced", { ...GONE }), commands: hangUp({ ...state, leg: null }) };
}

function onLine(
  state: CallState,
  event: Extract<CallEvent, { type: "link" | "quiet" | "flowing" | "refused" | "lost" }>,
): Step {
  if (!inCall(state.phase)) return stay(state);
  switch (event.type) {
    case "link":
      if (event.link === "connected") {
        return state.phase === "live" && state.trouble === null
          ? stay(state)
          : healed(state, event.at);
      }
      return troubled(state, event.at, event.at, event.link);
    case "quiet":
      // Only news while all seemed well; the browser's own verdict weighs more.
      return state.phase === "live" ? troubled(state, event.at, event.since, "quiet") : stay(state);
    case "flowing":
      return state.phase === "reconnecting" && state.trouble?.link === "quiet"
        ? healed(state, event.at)
        : stay(state);
    case "refused":
      if (event.code === "call.replaced") return gaveWay(state);
      // The leg is gone on the server, or was never known to the one that runs now: whatever the media
      // does meanwhile, only a new connection can be spoken for.
      return event.code === "call.no_leg"
        ? troubled({ ...state, leg: null }, event.at, event.at, "lost")
        : stay(state);
    case "lost":
      if (event.reason === "replaced") return gaveWay(state);
      return troubled({ ...state, leg: null }, event.at, event.at, "lost");
  }
}
