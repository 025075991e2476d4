"""Answers that were given once, so that a repeated request gets the same one again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from server.kit.errors import Busy, Invalid
from server.kit.schema import idempotency as table
from server.kit.schema import upsert

KEPT = timedelta(hours=24)
# Stands in the row until the transaction that claimed the key has its answer; nobody else sees it.
_UNANSWERED = 0


class KeyReused(Invalid):
    """422: the same key with another request."""

    code = "request.idempotency_reuse"


@dataclass(frozen=True, slots=True)
class Claim:
    """What identifies a request: whose, under which key, and what it says."""

    account_id: str
    key: str
    method: str
    path: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was sent."""

    status: int
    body: bytes | None


def claim(conn: sa.Connection, claim: Claim, now: datetime) -> Answer | None:
    """Take the key for this request; the answer given before, if there was one.

    ``KeyReused`` if the key stands for another request. One statement takes the key, so of two
    requests with one key that come at once the second waits for the first, and gets its answer.
    """
    taken = conn.execute(
        upsert(conn, table)
        .values(
            account_id=claim.account_id,
            key=claim.key,
            method=claim.method,
            path=claim.path,
            body_hash=claim.body_hash,
            status=_UNANSWERED,
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(table.c.key)
    ).first()
    if taken is not None:
        return None
    row = conn.execute(sa.select(table).where(*_is(claim))).one_or_none()
    if row is None:
        # It was forgotten between the two statements, a day after its first use.
        raise Busy("Ask again.")
    if (row.method, row.path, row.body_hash) != (claim.method, claim.path, claim.body_hash):
        raise KeyReused("This Idempotency-Key was used for another request.")
    return Answer(row.status, row.body)


def remember(conn: sa.Connection, claim: Claim, answer: Answer) -> None:
    """Store the answer in the transaction that it tells of, in which the key was claimed."""
    conn.execute(sa.update(table).where(*_is(claim)).values(status=answer.status, body=answer.body))


def _is(claim: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.account_id == claim.account_id, table.c.key == claim.key


def forget_old(conn: sa.Connection, now: datetime) -> int:
    """Delete answers older than ``KEPT``. Returns how many rows went."""
    return conn.execute(sa.delete(table).where(table.c.created_at < now - KEPT)).rowcount
