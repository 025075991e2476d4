"""Dead letters: jobs that failed too often, for somebody to look at, and to replay or discard."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from server.kit.db import UnitOfWork
from server.kit.events import Scalar
from server.kit.log import get_logger
from server.kit.schema import jobs

log = get_logger(__name__)
_j = jobs.c
_behind = jobs.alias("behind")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that is not tried any more. ``error``: a code or a class, never somebody's words."""

    id: int
    kind: str
    data: Mapping[str, Scalar]
    stream: str | None
    enqueued_at: datetime
    dead_at: datetime
    attempts: int
    error: str | None
    behind: int
    """How many of its stream wait until it is replayed or discarded."""


_LETTERS = (
    sa.select(
        _j.id, _j.kind, _j.data, _j.stream, _j.enqueued_at, _j.dead_at, _j.attempts,
        _j.last_error.label("error"),
        sa.select(sa.func.count())
        .select_from(_behind)
        .where(_behind.c.stream == _j.stream, _behind.c.id > _j.id)
        .scalar_subquery()
        .label("behind"),
    )
    .where(_j.dead_at.is_not(None))
    .order_by(_j.dead_at, _j.id)
)  # fmt: skip


def letters(uow: UnitOfWork, limit: int) -> list[DeadLetter]:
    """The dead letters, those that have been dead for the longest first."""
    return [DeadLetter(**row) for row in uow.conn.execute(_LETTERS.limit(limit)).mappings()]


def count(uow: UnitOfWork) -> int:
    """How many there are."""
    asked = sa.select(sa.func.count()).select_from(jobs).where(_j.dead_at.is_not(None))
    return uow.conn.scalar(asked) or 0


def get(uow: UnitOfWork, letter: int) -> DeadLetter | None:
    """The dead letter of that id."""
    row = uow.conn.execute(_LETTERS.where(_j.id == letter)).mappings().one_or_none()
    return None if row is None else DeadLetter(**row)


def replay(uow: UnitOfWork, letter: int | None = None) -> list[int]:
    """Have it tried again from the start, or all of them. Returns whose ids."""
    changed = sa.update(jobs).where(*_which(letter))
    fresh = changed.values(dead_at=None, due_at=uow.now, set_at=uow.now, attempts=0)
    ids = sorted(uow.conn.scalars(fresh.returning(_j.id)))
    for each in ids:
        log.info("job.replayed", job=each)
    uow.enqueued = uow.enqueued or bool(ids)
    return ids


def discard(uow: UnitOfWork, letter: int) -> list[int]:
    """Delete it: it will never be done. What waited behind it goes on. Returns whose id."""
    ids = list(uow.conn.scalars(sa.delete(jobs).where(*_which(letter)).returning(_j.id)))
    for each in ids:
        log.warning("job.discarded", job=each)
    uow.enqueued = uow.enqueued or bool(ids)
    return ids


def _which(letter: int | None) -> list[sa.ColumnElement[bool]]:
    dead = _j.dead_at.is_not(None)
    return [dead] if letter is None else [dead, _j.id == letter]
