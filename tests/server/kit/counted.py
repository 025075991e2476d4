"""What the tests of the engines share: an event that counts, and units that add one."""

from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa

from server.kit.db import UnitOfWork
from server.kit.events import Event, register_event
from server.kit.schema import outbox


@register_event
@dataclass(frozen=True, slots=True)
class Counted(Event):
    """An event of these tests."""

    kind: ClassVar[str] = "test.counted"
    number: int
    text: str | None = None


def count(uow: UnitOfWork, number: int) -> int:
    uow.emit(Counted(number))
    return number


def numbers(uow: UnitOfWork) -> list[int]:
    rows = uow.conn.execute(sa.select(outbox.c.data).order_by(outbox.c.id))
    return [row.data["number"] for row in rows]
