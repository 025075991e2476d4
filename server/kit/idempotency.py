"""Answers that were given once, so that a repeated request gets the same one again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from server.kit.errors import Invalid
from server.kit.schema import idempotency as table

KEPT = timedelta(hours=24)


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


def recall(conn: sa.Connection, claim: Claim) -> Answer | None:
    """The answer given before; ``KeyReused`` if the key stands for another request."""
    row = conn.execute(
        sa.select(table).where(table.c.account_id == claim.account_id, table.c.key == claim.key)
    ).one_or_none()
    if row is None:
        return None
    if (row.method, row.path, row.body_hash) != (claim.method, claim.path, claim.body_hash):
        raise KeyReused("This Idempotency-Key was used for another request.")
    return Answer(row.status, row.body)


def remember(conn: sa.Connection, claim: Claim, answer: Answer, now: datetime) -> None:
    """Store the answer in the transaction that it tells of."""
    conn.execute(
        sa.insert(table).values(
            account_id=claim.account_id,
            key=claim.key,
            method=claim.method,
            path=claim.path,
            body_hash=claim.body_hash,
            status=answer.status,
            body=answer.body,
            created_at=now,
        )
    )


def forget_old(conn: sa.Connection, now: datetime) -> int:
    """Delete answers older than ``KEPT``. Returns how many rows went."""
    return conn.execute(sa.delete(table).where(table.c.created_at < now - KEPT)).rowcount
