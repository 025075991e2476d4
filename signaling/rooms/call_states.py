"""The states of one leg as a table. Pure; anything that is not in the table is an `IllegalMove`.

A leg is one connection of one person to the relay. It begins with the server's offer and ends
once: who comes back after that gets a new leg.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from signaling.rooms.media_port import MediaState

GRACE = timedelta(seconds=60)


class CallState(StrEnum):
    """Where a leg stands."""

    OFFERED = "offered"
    CONNECTING = "connecting"
    LIVE = "live"
    INTERRUPTED = "interrupted"
    CLOSED = "closed"


_NEXT: dict[CallState, frozenset[CallState]] = {
    # A worker's report may overtake its own reply to the answer, hence OFFERED → LIVE.
    CallState.OFFERED: frozenset({CallState.CONNECTING, CallState.LIVE, CallState.CLOSED}),
    CallState.CONNECTING: frozenset({CallState.LIVE, CallState.INTERRUPTED, CallState.CLOSED}),
    CallState.LIVE: frozenset({CallState.INTERRUPTED, CallState.CLOSED}),
    CallState.INTERRUPTED: frozenset({CallState.LIVE, CallState.CLOSED}),
    CallState.CLOSED: frozenset(),
}


_MEANS: dict[MediaState, CallState] = {
    "connected": CallState.LIVE,
    "disconnected": CallState.INTERRUPTED,
    "failed": CallState.CLOSED,
    "closed": CallState.CLOSED,
}


class IllegalMove(Exception):
    """A leg was asked to go where its state does not lead."""

    def __init__(self, state: CallState, to: CallState) -> None:
        super().__init__(f"{state} does not lead to {to}")
        self.state = state
        self.to = to


def move(state: CallState, to: CallState) -> CallState:
    """Return `to` if `state` leads there (or is there already)."""
    if to is not state and to not in _NEXT[state]:
        raise IllegalMove(state, to)
    return to


def after_media(state: CallState, media: MediaState) -> CallState:
    """Where a leg goes when its transport reports `media`.

    Reports may come late or doubled; one that does not fit leaves the state as it is. `failed`
    ends the leg: the client then asks for a new one, which costs less than a revival.
    """
    to = _MEANS.get(media, state)
    return to if to in _NEXT[state] else state


@dataclass(frozen=True, slots=True)
class Detached:
    """A leg whose socket is gone, as `overdue` sees it."""

    state: CallState
    since: datetime
    owner_online: bool


def overdue(leg: Detached, now: datetime, grace: timedelta = GRACE) -> bool:
    """Whether a leg without a socket must be closed.

    Never within the grace: a dropped socket says nothing about the media. After it, only when
    nobody can use the leg any more: media still flows and its owner has some socket again, then
    the tab lives and merely has not spoken of its leg yet.
    """
    if now < leg.since + grace:
        return False
    return not (leg.state is CallState.LIVE and leg.owner_online)
