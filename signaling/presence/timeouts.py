"""When somebody counts as offline. Pure: the tracker asks, and acts on the answer.

Several tabs are one person: who has any socket is online. Who has none is offline only after a
grace, so that a reload or a change of network is not told as an absence.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

OFFLINE_AFTER = timedelta(seconds=8)


@dataclass(frozen=True, slots=True)
class Presence:
    """What is known of one person: open sockets, since when there is none, and what was told."""

    sockets: int = 0
    alone_since: datetime | None = None
    online: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The state after `decide`; `changed` when others must hear; `wake_at` when to ask again."""

    state: Presence
    changed: bool
    wake_at: datetime | None


def opened(state: Presence) -> Presence:
    """One more socket."""
    return replace(state, sockets=state.sockets + 1, alone_since=None)


def closed(state: Presence, now: datetime) -> Presence:
    """One socket less; the last one to go starts the grace."""
    left = max(0, state.sockets - 1)
    if left or state.sockets == 0:
        return replace(state, sockets=left)
    return replace(state, sockets=0, alone_since=now)


def decide(state: Presence, now: datetime, grace: timedelta = OFFLINE_AFTER) -> Decision:
    """Say whether the person is online at `now`, and when that may change without an event."""
    if state.sockets:
        return Decision(replace(state, online=True), changed=not state.online, wake_at=None)
    if state.alone_since is None:
        return Decision(replace(state, online=False), changed=state.online, wake_at=None)
    offline_at = state.alone_since + grace
    if state.online and now < offline_at:
        return Decision(state, changed=False, wake_at=offline_at)
    return Decision(
        replace(state, online=False, alone_since=None), changed=state.online, wake_at=None
    )
