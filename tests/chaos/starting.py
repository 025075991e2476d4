"""Starting what may not come up at once on a machine that is full."""

from __future__ import annotations

from infra.cluster import Member, NotStarted

_STARTS = 3


def start(member: Member) -> None:
    """As what looks after services does: one that does not come up is started again."""
    for attempt in range(1, _STARTS + 1):
        member.launch()
        try:
            member.await_ready()
        except NotStarted:
            member.kill()
            if attempt == _STARTS:
                raise
        else:
            return


def stand(member: Member) -> None:
    """Wait until it does its work again; start it if it has ended."""
    if member.running:
        try:
            member.await_ready()
        except NotStarted:
            member.kill()
        else:
            return
    start(member)
