"""The table of jobs: sync functions on a connection or in a unit, the same on both engines.

Whoever claims a job gets a lease under a token. Only under that token the job is finished, tried
again or given back: who lost its lease changes nothing of what another has.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from server.kit.db import UnitOfWork
from server.kit.events import Scalar
from server.kit.ids import new_id
from server.kit.jobs.job import Job, encode
from server.kit.log import get_logger
from server.kit.schema import jobs
from server.kit.statement import Built, Statement, Upsert

#: So long a job that was claimed is nobody else's, unless the lease is renewed.
LEASE = timedelta(seconds=30)
#: The machines' clocks agree better than this. What was set later than that from now was set
#: before the clock was put back.
CLOCKS_AGREE = timedelta(minutes=1)
#: A periodic job that no process knew how to do for so long is of a release that is gone.
ORPHANED = timedelta(days=1)
#: Why a job is dead whose runs all ended without a word.
LOST = "lease.lost"
_SHIFTED_AT_ONCE = 500

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that is ours until the lease runs out."""

    id: int
    kind: str
    data: Mapping[str, Scalar]
    token: str
    attempts: int
    every_seconds: int | None
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many jobs there are, and for how many seconds the oldest could have been claimed."""

    waiting: int = 0
    running: int = 0
    dead: int = 0
    unknown: int = 0
    """Those that wait and are of kinds that this process can't do."""
    oldest_seconds: float = 0.0


_j = jobs.c
_free = jobs.alias("free")
_earlier = jobs.alias("earlier")
_f = _free.c
_kinds: sa.BindParameter[list[str]] = sa.bindparam("kinds", expanding=True)
_claimable = (
    _f.dead_at.is_(None),
    _f.kind.in_(_kinds),
    # Those of a stream one after the other: also behind one that is dead, until somebody looks.
    ~sa.exists().where(_earlier.c.stream == _f.stream, _earlier.c.id < _f.id),
)
_ours = sa.and_(_j.id == sa.bindparam("job"), _j.token == sa.bindparam("held"))


def _named(insert: Callable[[sa.Table], Upsert]) -> Built:
    return insert(jobs).on_conflict_do_nothing(index_elements=["name"]).returning(_j.id)


def _periodic(insert: Callable[[sa.Table], Upsert]) -> Built:
    row = insert(jobs)
    told = {name: row.excluded[name] for name in ("every_seconds", "due_at", "set_at")}
    return row.on_conflict_do_update(
        index_elements=["name"],
        set_=told,
        where=_j.every_seconds.is_distinct_from(row.excluded.every_seconds),
    )


_ADD = Statement(_named)
_KEEP = Statement(_periodic)
_NEXT = Statement(sa.select(_f.due_at).where(*_claimable).order_by(_f.due_at).limit(1))
# The subquery stands on its own, so it is run once, and what it locks is what is updated.
_CLAIM = Statement(
    sa.update(jobs)
    .where(
        _j.id
        == sa.select(_f.id)
        .where(*_claimable, _f.due_at <= sa.bindparam("now", type_=jobs.c.due_at.type))
        .order_by(_f.due_at, _f.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    .values(
        due_at=sa.bindparam("until"),
        set_at=sa.bindparam("at"),
        token=sa.bindparam("by"),
        attempts=_j.attempts + 1,
    )
    .returning(_j.id, _j.kind, _j.data, _j.attempts, _j.every_seconds)
)
_RENEW = Statement(
    sa.update(jobs)
    .where(_ours)
    .values(due_at=sa.bindparam("until"), set_at=sa.bindparam("at"))
    .returning(_j.id)
)
_DONE = Statement(sa.delete(jobs).where(_ours).returning(_j.id))
_AGAIN = Statement(
    sa.update(jobs)
    .where(_ours)
    .values(
        due_at=sa.bindparam("until"),
        set_at=sa.bindparam("at"),
        token=None,
        attempts=sa.bindparam("tried"),
        last_error=sa.bindparam("error"),
    )
    .returning(_j.id)
)
# Its name is free again: who asks for the same must not be told that it is on its way.
_BURY = Statement(
    sa.update(jobs)
    .where(_ours)
    .values(dead_at=sa.bindparam("at"), token=None, name=None, last_error=sa.bindparam("error"))
    .returning(_j.id)
)
_AHEAD = Statement(
    sa.select(_j.id, _j.due_at, _j.set_at)
    .where(_j.set_at > sa.bindparam("now", type_=jobs.c.set_at.type), _j.dead_at.is_(None))
    .limit(_SHIFTED_AT_ONCE)
)
_SHIFT = Statement(
    sa.update(jobs)
    .where(_j.id == sa.bindparam("job"), _j.set_at == sa.bindparam("was"))
    .values(due_at=sa.bindparam("until"), set_at=sa.bindparam("at"))
)


def enqueue(
    uow: UnitOfWork,
    job: Job,
    *,
    name: str | None = None,
    stream: str | None = None,
    after: timedelta = timedelta(),
) -> int | None:
    """Have the job done once this unit is committed. Returns its id.

    ``name``: None is returned, and nothing is added, while another of that name is not finished.
    ``stream``: jobs of one stream are done one after the other, in the order in which they were
    enqueued by units that could see each other. ``after``: not before so long has passed.
    """
    found: int | None = _ADD.value(
        uow.conn,
        kind=job.kind,
        data=encode(job),
        name=name,
        stream=stream,
        every_seconds=None,
        enqueued_at=uow.now,
        due_at=uow.now + after,
        set_at=uow.now,
        attempts=0,
    )
    uow.enqueued = uow.enqueued or found is not None
    return found


def keep_periodic(uow: UnitOfWork, job: Job, every_seconds: int) -> None:
    """See to it that there is the one row of the periodic job, due after its first period."""
    _KEEP.run(
        uow.conn,
        kind=job.kind,
        data=encode(job),
        name=job.kind,
        stream=None,
        every_seconds=every_seconds,
        enqueued_at=uow.now,
        due_at=uow.now + timedelta(seconds=every_seconds),
        set_at=uow.now,
        attempts=0,
    )


def next_due(uow: UnitOfWork, kinds: Collection[str]) -> datetime | None:
    """When the next job of these kinds may be claimed."""
    found: datetime | None = _NEXT.value(uow.conn, kinds=list(kinds))
    return found


def claim(uow: UnitOfWork, most: Mapping[str, int]) -> Claim | None:
    """Take the job that is due for the longest, if any; ``most``: how often each kind is tried.

    One whose last run ended without a word, and that was its last try, is dead.
    """
    while True:
        token = new_id()
        row = _CLAIM.row(
            uow.conn, kinds=list(most), now=uow.now, at=uow.now, until=uow.now + LEASE, by=token
        )
        if row is None:
            return None
        taken = Claim(**row, token=token, claimed_at=uow.now)
        if taken.every_seconds is not None or taken.attempts <= most[taken.kind]:
            return taken
        bury(uow, taken, LOST)


def renew(uow: UnitOfWork, held: Claim) -> bool:
    """Hold the job for another lease. False: it is not ours any more."""
    return _changed(_RENEW, uow, held, until=uow.now + LEASE, at=uow.now)


def finish(uow: UnitOfWork, held: Claim) -> bool:
    """The job is done; a periodic one, until its next period. False: it was not ours any more."""
    if held.every_seconds is None:
        return _DONE.value(uow.conn, job=held.id, held=held.token) is not None
    # From when it began, and from now if that is long ago: what was missed is not made up for.
    next_at = max(held.claimed_at + timedelta(seconds=held.every_seconds), uow.now)
    return _changed(_AGAIN, uow, held, until=next_at, at=uow.now, tried=0, error=None)


def again(uow: UnitOfWork, held: Claim, wait: timedelta, error: str) -> bool:
    """It failed, and is tried again after the wait. False: it was not ours any more."""
    return _changed(
        _AGAIN, uow, held, until=uow.now + wait, at=uow.now, tried=held.attempts, error=error
    )


def give_back(uow: UnitOfWork, held: Claim) -> bool:
    """We stop before it is done: anybody may have it at once, and it was no try."""
    uow.enqueued = True
    return _changed(
        _AGAIN, uow, held, until=uow.now, at=uow.now, tried=held.attempts - 1, error=None
    )


def bury(uow: UnitOfWork, held: Claim, error: str) -> bool:
    """It won't be tried again unless somebody says so. False: it was not ours any more."""
    log.error("job.dead", job=held.id, kind=held.kind, attempts=held.attempts, why=error)
    return _changed(_BURY, uow, held, at=uow.now, error=error)


def any_ahead(uow: UnitOfWork) -> bool:
    """Whether the clock was put back since something was set."""
    return bool(_AHEAD.rows(uow.conn, now=uow.now + CLOCKS_AGREE))


def shift_back(uow: UnitOfWork) -> int:
    """Let what was set before the clock was put back wait from now as long as it was to wait then.

    Else nothing would happen until the clock is there again. Returns how many.
    """
    rows = _AHEAD.rows(uow.conn, now=uow.now + CLOCKS_AGREE)
    for row in rows:
        until = uow.now + (row["due_at"] - row["set_at"])
        _SHIFT.run(uow.conn, job=row["id"], was=row["set_at"], until=until, at=uow.now)
    return len(rows)


def numbers(uow: UnitOfWork, kinds: Collection[str]) -> Numbers:
    """What there is to do, for whoever can do these kinds."""
    known = _j.kind.in_(list(kinds))
    live = _j.dead_at.is_(None)
    running = sa.and_(live, _j.token.is_not(None), _j.due_at > uow.now)
    waiting = sa.and_(live, sa.not_(sa.and_(_j.token.is_not(None), _j.due_at > uow.now)))
    row = uow.conn.execute(
        sa.select(
            _count(sa.and_(waiting, known)),
            _count(running),
            _count(_j.dead_at.is_not(None)),
            _count(sa.and_(waiting, sa.not_(known))),
            sa.func.min(sa.case((sa.and_(live, known), _j.due_at))),
        )
    ).one()
    oldest = 0.0 if row[4] is None else max((uow.now - row[4]).total_seconds(), 0.0)
    return Numbers(row[0], row[1], row[2], row[3], oldest)


def forget_orphans(uow: UnitOfWork, kinds: Collection[str]) -> int:
    """Delete periodic jobs that nobody has known for long. Returns how many."""
    gone = sa.delete(jobs).where(
        _j.every_seconds.is_not(None),
        _j.kind.not_in(list(kinds)),
        _j.due_at < uow.now - ORPHANED,
    )
    return uow.conn.execute(gone).rowcount


def _count(those: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count(sa.case((those, 1)))


def _changed(statement: Statement, uow: UnitOfWork, held: Claim, **values: Any) -> bool:
    return statement.value(uow.conn, job=held.id, held=held.token, **values) is not None
