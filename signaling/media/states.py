"""The states of a leg, the moves between them, and when time alone makes one due."""

from enum import StrEnum

from signaling.media import limits


class LegState(StrEnum):
    """Where a leg is; FAILED and CLOSED are ends."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    FAILED = "failed"
    CLOSED = "closed"


_ENDS = frozenset({LegState.FAILED, LegState.CLOSED})

MOVES: dict[LegState, frozenset[LegState]] = {
    LegState.NEW: _ENDS | {LegState.CONNECTING},
    LegState.CONNECTING: _ENDS | {LegState.CONNECTED},
    LegState.CONNECTED: _ENDS | {LegState.DISCONNECTED},
    LegState.DISCONNECTED: _ENDS | {LegState.CONNECTED},
    LegState.FAILED: frozenset(),
    LegState.CLOSED: frozenset(),
}


class IllegalMove(Exception):
    """A leg was asked to move where `MOVES` does not lead: a fault of ours."""


def check_move(old: LegState, new: LegState) -> None:
    """Raise `IllegalMove` unless the table allows the move."""
    if new not in MOVES[old]:
        raise IllegalMove(f"{old} -> {new}")


def due(state: LegState, *, since: float, heard: float, now: float) -> LegState | None:
    """The move that time alone asks for, if any.

    `since` is when the leg entered its state or last got new credentials, `heard` when its last
    valid packet came; both on the clock of `now`, in seconds.
    """
    if state is LegState.NEW:
        return LegState.FAILED if now - since > limits.ANSWER_WITHIN else None
    if state is LegState.CONNECTING:
        return LegState.FAILED if now - since > limits.HANDSHAKE_WITHIN else None
    if state is LegState.CONNECTED:
        return LegState.DISCONNECTED if now - heard > limits.DISCONNECTED_AFTER else None
    if state is LegState.DISCONNECTED:
        if now - heard <= limits.DISCONNECTED_AFTER:
            return LegState.CONNECTED
        # A restart in the last second of the grace gets its own full grace.
        if now - max(heard, since - limits.DISCONNECTED_AFTER) > limits.FAILED_AFTER:
            return LegState.FAILED
    return None
