"""Statements that are built once give on both engines what SQLAlchemy gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from server.kit.actor import Audience
from server.kit.db import Database, UnitOfWork
from server.kit.schema import UtcDateTime
from server.kit.statement import Statement

things = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), unique=True),
    sa.Column("secret", sa.Text),
    sa.Column("at", UtcDateTime),
    sa.Column("day", sa.Date),
    sa.Column("is_open", sa.Boolean),
    sa.Column("data", sa.JSON),
    sa.Column("body", sa.LargeBinary),
    sa.Column("part", sa.Float),
    sa.Column("version", sa.Integer, server_default="7"),
)
_t = things.c
ALL = Statement(sa.select(things).order_by(_t.id))
NAMED = Statement(sa.select(_t.id, _t.at).where(_t.name == sa.bindparam("called")))
AMONG = Statement(
    sa.select(_t.id).where(_t.id.in_(sa.bindparam("ids", expanding=True))).order_by(_t.id)
)
ADD = Statement(sa.insert(things))
ADD_MANY = Statement(sa.insert(things).returning(_t.id, sort_by_parameter_order=True))
BUMP = Statement(
    lambda insert: (
        insert(things)
        .on_conflict_do_update(index_elements=["name"], set_={"version": _t.version + 1})
        .returning(_t.version)
    )
)
OPEN = Statement(sa.update(things).where(_t.id == sa.bindparam("thing")).values(is_open=True))

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone(timedelta(hours=1)))
FULL: dict[str, Any] = {
    "id": 1,
    "name": "å",
    "secret": Audience.STAFF,
    "at": NOON,
    "day": date(2026, 3, 2),
    "is_open": False,
    "data": {"a": [1, None]},
    "body": b"\0x",
    "part": 0.1,
    "version": 2,
}
EMPTY = {name: None for name in FULL if name not in ("id", "version", "data")}


@pytest.fixture
async def things_are_there(database: Database) -> None:
    await database.write(lambda uow: things.metadata.create_all(uow.conn))


pytestmark = pytest.mark.usefixtures("things_are_there")


async def test_values_come_back_as_they_went(database: Database) -> None:
    def both(uow: UnitOfWork) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        ADD.run(uow.conn, **FULL)
        ADD.run(uow.conn, id=2, **EMPTY)
        usual = uow.conn.execute(sa.select(things).order_by(_t.id)).mappings()
        return ALL.rows(uow.conn), [dict(row) for row in usual]

    ours, usual = await database.write(both)
    assert ours == usual
    assert ours == [FULL, {"id": 2, **EMPTY, "data": None, "version": 7}]
    assert ours[0]["at"].tzinfo is UTC
    assert ours[0]["is_open"] is False
    assert await database.read(lambda uow: ALL.rows(uow.conn)) == ours


async def test_a_row_a_value_or_none(database: Database) -> None:
    def look(uow: UnitOfWork) -> None:
        ADD.run(uow.conn, id=4, name="a", at=NOON)
        ADD.run(uow.conn, id=5, name="b", at=None)
        assert NAMED.row(uow.conn, called="a") == {"id": 4, "at": NOON}
        assert NAMED.value(uow.conn, called="b") == 5
        assert NAMED.row(uow.conn, called="c") is None
        assert NAMED.value(uow.conn, called="c") is None
        with pytest.raises(sa.exc.MultipleResultsFound):
            ALL.row(uow.conn)

    await database.write(look)


async def test_lists_of_any_length(database: Database) -> None:
    def look(uow: UnitOfWork) -> list[list[int]]:
        for number in range(5):
            ADD.run(uow.conn, id=number)
        asked: list[list[int]] = [[], [1], [3, 1], list(range(9))]
        return [[row["id"] for row in AMONG.rows(uow.conn, ids=ids)] for ids in asked]

    assert await database.write(look) == [[], [1], [1, 3], [0, 1, 2, 3, 4]]


async def test_many_rows_answer_in_their_order(database: Database) -> None:
    def add(uow: UnitOfWork) -> tuple[list[int], list[str]]:
        names = [f"name {number}" for number in range(50, 0, -1)]
        ids = ADD_MANY.many(uow.conn, [{"name": name} for name in names])
        stored = {row["id"]: row["name"] for row in ALL.rows(uow.conn)}
        assert [stored[each] for each in ids] == names
        return ids, ADD_MANY.many(uow.conn, [])

    ids, none = await database.write(add)
    assert (ids, none) == (sorted(ids), [])


async def test_what_is_built_in_and_what_is_given(database: Database) -> None:
    def change(uow: UnitOfWork) -> list[dict[str, Any]]:
        assert BUMP.value(uow.conn, name="a", version=1) == 1
        assert BUMP.value(uow.conn, name="a", version=1) == 2
        # The names say what is set: an UPDATE of one column leaves the others.
        thing = NAMED.value(uow.conn, called="a")
        OPEN.run(uow.conn, thing=thing, secret="s")
        OPEN.run(uow.conn, thing=thing, data={})
        return [
            {name: row[name] for name in ("version", "is_open", "secret", "data")}
            for row in ALL.rows(uow.conn)
        ]

    changed = {"version": 2, "is_open": True, "secret": "s", "data": {}}
    assert await database.write(change) == [changed]


async def test_a_refusal_is_sqlalchemys_and_repeats_nothing(database: Database) -> None:
    def twice(uow: UnitOfWork) -> None:
        for number in (1, 2):
            ADD.run(uow.conn, id=number, name="same", secret="hemligt")

    with pytest.raises(sa.exc.IntegrityError) as caught:
        await database.write(twice)
    assert "hemligt" not in str(caught.value)
    assert await database.read(lambda uow: ALL.rows(uow.conn)) == []


async def test_a_value_that_is_missing(database: Database) -> None:
    with pytest.raises((KeyError, sa.exc.StatementError)):
        await database.read(lambda uow: NAMED.row(uow.conn))


def test_a_name_that_the_statement_does_not_have() -> None:
    with sa.create_engine("sqlite://").connect() as conn, pytest.raises(TypeError, match="caled"):
        NAMED.row(conn, called="a", caled="b")
