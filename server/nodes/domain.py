"""A media node, and when it counts as alive. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

#: A node says each second that it is there. The machines' clocks must agree better than this.
STALE = timedelta(seconds=5)
#: Longer than any visit; and nobody asks after a node that was silent for so long.
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Node:
    """A machine that runs media workers; `address` is `host:port` of its control socket.

    One that drains keeps the legs that it has until they are gone, and takes no new ones.
    """

    id: str
    address: str
    capacity: int
    legs: int
    draining: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Placement:
    """Which node holds a visit, and whether it was chosen just now."""

    node_id: str
    fresh: bool


def is_alive(node: Node, now: datetime) -> bool:
    """Whether the node has been heard of lately."""
    return now - node.seen_at <= STALE


def takes(node: Node, now: datetime) -> bool:
    """Whether visits may be there."""
    return is_alive(node, now) and not node.draining
