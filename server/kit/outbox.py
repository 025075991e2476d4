"""The outbox: events wait here until every listener of this process was told of them."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from server.kit import events
from server.kit.events import Event
from server.kit.log import get_logger
from server.kit.schema import outbox
from server.kit.statement import Row, Statement

KEPT = timedelta(days=7)
# Where other processes read the outbox too, they have this long to read what a person wrote.
WORDS_KEPT = timedelta(seconds=60)
# Whoever committed an event tells it at once and marks it within a second. When it is not marked by
# then, that process is gone, and another tells it.
OVERDUE = timedelta(seconds=10)
# SQLite before 3.32 takes 999 parameters to a statement; one batch stays below that.
BATCH = 500

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event in the outbox.

    ``id`` rises from cause to effect. Between events that have nothing to do with each other it
    says nothing of the time: on PostgreSQL a lower one may be committed later.
    """

    id: int
    at: datetime
    event: Event


Listener = Callable[[Sequence[StoredEvent]], None]

_INSERT = Statement(sa.insert(outbox).returning(outbox.c.id, sort_by_parameter_order=True))
_stored = sa.select(outbox.c.id, outbox.c.kind, outbox.c.data, outbox.c.at)
_ids: sa.BindParameter[list[int]] = sa.bindparam("ids", expanding=True)
_among = outbox.c.id.in_(_ids)
_undelivered = _stored.where(outbox.c.delivered_at.is_(None)).order_by(outbox.c.id)
_batch = sa.bindparam("batch", type_=sa.Integer)
_newer = outbox.c.id > sa.bindparam("after")
_LEFT = Statement(_undelivered.where(_newer).limit(_batch))
_OVERDUE = Statement(
    _undelivered.where(outbox.c.at <= sa.bindparam("until", type_=outbox.c.at.type)).limit(_batch)
)
_DOUBTED = Statement(_undelivered.where(_among))
_NEW = Statement(_stored.where(_newer).order_by(outbox.c.id).limit(_batch))
_PASSED_OVER = Statement(_stored.where(_among).order_by(outbox.c.id).limit(_batch))
_MARK = Statement(sa.update(outbox).where(_among).values(delivered_at=sa.bindparam("told_at")))
_personal = outbox.c.kind.in_(sa.bindparam("kinds", expanding=True))
_FORGET = Statement(sa.update(outbox).where(_among, _personal).values(data={}))
_MARK_AND_FORGET = Statement(
    sa.update(outbox)
    .where(_among)
    .values(
        delivered_at=sa.bindparam("told_at"),
        data=sa.case((_personal, sa.literal({}, outbox.c.data.type)), else_=outbox.c.data),
    )
)


def add(conn: sa.Connection, added: Sequence[Event], now: datetime) -> list[StoredEvent]:
    """Write the events, in their order, in the caller's transaction."""
    rows = [{"kind": each.kind, "data": events.encode(each), "at": now} for each in added]
    ids = _INSERT.many(conn, rows)
    return [StoredEvent(id_, now, each) for id_, each in zip(ids, added, strict=True)]


def undelivered(conn: sa.Connection, limit: int = BATCH, after: int = 0) -> list[StoredEvent]:
    """What a former run committed but perhaps told nobody, oldest first."""
    return list(_decoded(_LEFT.rows(conn, after=after, batch=limit)))


def overdue(conn: sa.Connection, now: datetime, but: Collection[int]) -> list[StoredEvent]:
    """What somebody should have told by now, oldest first; without ``but``, which we did tell.

    What this release does not know is left to one that does.
    """
    rows = _OVERDUE.rows(conn, until=now - OVERDUE, batch=BATCH)
    found = _decoded([row for row in rows if row["id"] not in but])
    return [each for each in found if not isinstance(each.event, Unknown)]


def among(conn: sa.Connection, ids: Sequence[int]) -> list[StoredEvent]:
    """Those of the events that exist and were not marked, oldest first."""
    return list(_decoded(_DOUBTED.rows(conn, ids=list(ids))))


def newest(conn: sa.Connection) -> int:
    """The id of the latest event, 0 when there is none."""
    return conn.scalar(sa.select(sa.func.max(outbox.c.id))) or 0


def latest(conn: sa.Connection, limit: int) -> list[StoredEvent]:
    """The newest events, delivered or not, oldest first; without what they hold."""
    ids = conn.execute(
        sa.select(outbox.c.id, outbox.c.at).order_by(outbox.c.id.desc()).limit(limit)
    ).all()
    return [StoredEvent(row.id, row.at, Unknown()) for row in reversed(ids)]


def new(conn: sa.Connection, after: int, also: Sequence[int]) -> list[StoredEvent]:
    """A batch of what is newer than ``after``, or is among ``also``, oldest first.

    Whether or not it was delivered: that is said of the process that committed it.
    """
    # Two index ranges; an OR over both would be a scan on some plans.
    rows = _NEW.rows(conn, after=after, batch=BATCH)
    if also:
        rows[:0] = _PASSED_OVER.rows(conn, ids=list(also), batch=BATCH)
    return list(_decoded(rows))


def _decoded(rows: Sequence[Row]) -> Iterator[StoredEvent]:
    for row in rows:
        try:
            event = events.decode(row["kind"], row["data"])
        except (KeyError, TypeError):
            # Left by another release. It is shown as what it is and will be marked with the rest.
            log.warning("outbox.unknown_event", kind=row["kind"])
            event = Unknown()
        yield StoredEvent(row["id"], row["at"], event)


class Unknown(Event):
    """An event of a kind that this release does not know."""

    __slots__ = ()
    kind = "unknown"


def mark_delivered(
    conn: sa.Connection, ids: Sequence[int], now: datetime, *, forgetting: bool = False
) -> None:
    """Note that the listeners of the process that committed these were told of them.

    ``forgetting``: nobody else reads them, so what people wrote goes with the mark.
    """
    if forgetting:
        kinds = list(events.personal_kinds())
        _MARK_AND_FORGET.run(conn, ids=list(ids), kinds=kinds, told_at=now)
    else:
        _MARK.run(conn, ids=list(ids), told_at=now)


def forget_words(conn: sa.Connection, ids: Sequence[int]) -> None:
    """Keep no copy of what people wrote: everybody was told."""
    _FORGET.run(conn, ids=list(ids), kinds=list(events.personal_kinds()))


def forget_left_words(conn: sa.Connection, now: datetime) -> int:
    """Of events whose process died before it forgot their words. Returns how many."""
    left = (
        sa.update(outbox)
        .where(outbox.c.kind.in_(events.personal_kinds()))
        .where(outbox.c.delivered_at < now - WORDS_KEPT)
        # Compared as text: PostgreSQL's json knows no equality.
        .where(sa.cast(outbox.c.data, sa.Text) != "{}")
    )
    return conn.execute(left.values(data={})).rowcount


def forget_old(conn: sa.Connection, now: datetime, most: int) -> int:
    """Delete what was delivered long ago, of the ``most`` oldest events. Returns how many went."""
    # By id, in which order they were delivered, more or less: nobody looks through the whole week.
    oldest = sa.select(outbox.c.id).order_by(outbox.c.id).limit(most)
    due = outbox.c.delivered_at < now - KEPT
    return conn.execute(sa.delete(outbox).where(outbox.c.id.in_(oldest), due)).rowcount


class Dispatcher:
    """Tells listeners of committed events, on the event loop and in order."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._told: list[int] = []
        self._taken: list[int] = []
        self._some = asyncio.Event()

    def subscribe(self, listener: Listener) -> None:
        """Add a listener. It must not block and should not raise."""
        self._listeners.append(listener)

    def publish(self, stored: Sequence[StoredEvent]) -> None:
        """Tell every listener, and mark the events as delivered soon."""
        self.tell(stored)
        self.to_mark(stored)

    def tell(self, stored: Sequence[StoredEvent]) -> None:
        """Tell every listener. One that fails takes nothing from the others."""
        known = [each for each in stored if not isinstance(each.event, Unknown)]
        for listener in self._listeners if known else ():
            try:
                listener(known)
            except Exception as error:
                log.error("outbox.listener_failed", error=error)

    def to_mark(self, stored: Sequence[StoredEvent]) -> None:
        """These were told wherever this process must."""
        self._told.extend(each.id for each in stored)
        self._some.set()

    async def wait(self) -> None:
        """Return when there is something to mark."""
        await self._some.wait()

    def unmarked(self) -> set[int]:
        """What was told here and may not be marked yet."""
        return {*self._told, *self._taken}

    def take(self) -> list[int]:
        """Up to a batch of ids that were told and are not yet marked. Those taken before are."""
        self._taken, self._told = self._told[:BATCH], self._told[BATCH:]
        if not self._told:
            self._some.clear()
        return self._taken

    def put_back(self, ids: Sequence[int]) -> None:
        """Marking failed; try again later."""
        self._told[:0] = ids
        self._some.set()
