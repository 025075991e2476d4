"""Answers that were given once, so that a repeated request gets the same one again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from server.kit.errors import Busy, Invalid
from server.kit.schema import idempotency as table
from server.kit.statement import Statement, values_of

KEPT = timedelta(hours=24)
# Whose keys they are that come before anybody is logged in. Nobody guesses another's: see
# ``edge.idempotency_key``.
STRANGER = ""
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

    @property
    def name(self) -> str:
        """What names this request and its repeats, and no other for as long as keys are kept."""
        return " ".join((self.account_id, self.key, self.method, self.path))


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was sent."""

    status: int
    body: bytes | None


_IS_OWN = sa.and_(
    table.c.account_id == sa.bindparam("owner"), table.c.key == sa.bindparam("of_key")
)
_TAKE = Statement(lambda insert: insert(table).on_conflict_do_nothing().returning(table.c.key))
_GIVEN = Statement(sa.select(table).where(_IS_OWN))
_ANSWER = Statement(sa.update(table).where(_IS_OWN))


def claim(conn: sa.Connection, claim: Claim, now: datetime) -> Answer | None:
    """Take the key for this request; the answer given before, if there was one.

    ``KeyReused`` if the key stands for another request. One statement takes the key, so of two
    requests with one key that come at once the second waits for the first, and gets its answer.
    """
    taken = _TAKE.row(conn, **values_of(claim), status=_UNANSWERED, created_at=now)
    if taken is not None:
        return None
    known = _GIVEN.row(conn, owner=claim.account_id, of_key=claim.key)
    if known is None:
        # It was forgotten between the two statements, a day after its first use.
        raise Busy("Ask again.")
    if any(known[name] != getattr(claim, name) for name in ("method", "path", "body_hash")):
        raise KeyReused("This Idempotency-Key was used for another request.")
    return Answer(known["status"], known["body"])


def remember(conn: sa.Connection, claim: Claim, answer: Answer) -> None:
    """Store the answer in the transaction that it tells of, in which the key was claimed."""
    _ANSWER.run(
        conn, owner=claim.account_id, of_key=claim.key, status=answer.status, body=answer.body
    )


def take(conn: sa.Connection, claim_: Claim, now: datetime) -> None:
    """Take the key for a request whose answer holds a secret, and so is given anew each time.

    Who asks must see to it that a repeat changes nothing more. ``KeyReused`` as with ``claim``.
    """
    if claim(conn, claim_, now) is None:
        remember(conn, claim_, Answer(201, None))


def forget_old(conn: sa.Connection, now: datetime, most: int) -> int:
    """Delete up to ``most`` answers older than ``KEPT``. Returns how many rows went."""
    due = sa.select(table.c.account_id, table.c.key).where(table.c.created_at < now - KEPT)
    which = sa.tuple_(table.c.account_id, table.c.key).in_(
        due.order_by(table.c.created_at).limit(most)
    )
    return conn.execute(sa.delete(table).where(which)).rowcount
