"""The statements of the stores: built once with their module, compiled once, then only run.

    _GET = Statement(sa.select(queue_tickets).where(_t.id == sa.bindparam("ticket")))

    row = _GET.row(conn, ticket=ticket_id)

SQLAlchemy takes four times as long to build a statement, and to find that it has compiled the same
one before, as to run it. So a store's statements are constants, and its functions name the values.

And to run one it takes many times as long as SQLite does to answer, and as long as the driver takes
for PostgreSQL. So the compiled text goes to the driver, with the same types on the way in and out.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypeAlias, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.operators import in_op

from server.kit.postgres_driver import ask, driver_of

Row: TypeAlias = dict[str, Any]
Built: TypeAlias = sa.Select[*tuple[Any, ...]] | sa.Insert | sa.Update | sa.Delete
# What each engine has in a class of its own: an INSERT with ``on_conflict_…``.
Upsert: TypeAlias = postgresql.Insert | sqlite.Insert
Builder: TypeAlias = Callable[[Callable[[sa.Table], Upsert]], Built]
Convert: TypeAlias = Callable[[Any], Any] | None

# What PostgreSQL calls the only numbers with a fraction that we have, ``sa.Float``.
_DOUBLE = 701


def values_of(record: Any) -> Row:
    """The fields of a dataclass by name, to make a row of; ``asdict`` would copy each value too."""
    return {name: getattr(record, name) for name in _names(type(record))}  # type: ignore[arg-type]


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


class Statement:
    """One statement, whatever its values: those that it names with ``bindparam``, or a row's."""

    def __init__(self, statement: Built | Builder) -> None:
        """``statement``: an upsert is given as a function of the engine's own ``insert``."""
        self._of: dict[str, Built]
        if callable(statement):
            build = statement
            self._of = {
                "sqlite": build(sqlite.insert),
                "postgresql": build(postgresql.insert),
            }
        else:
            self._of = {"sqlite": statement, "postgresql": statement}
        self._spoken: dict[tuple[str, ...], _Spoken | None] = {}

    def rows(self, conn: sa.Connection, **values: Any) -> list[Row]:
        """All rows, by the names of their columns."""
        spoken = self._for_driver(conn, values)
        if spoken is not None:
            return spoken.rows(conn, values)
        return [dict(row) for row in conn.execute(self._statement(conn), values).mappings()]

    def row(self, conn: sa.Connection, **values: Any) -> Row | None:
        """The one row, or None."""
        rows = self.rows(conn, **values)
        if len(rows) > 1:
            raise sa.exc.MultipleResultsFound("one row at the most was expected")
        return rows[0] if rows else None

    def value(self, conn: sa.Connection, **values: Any) -> Any:
        """The first column of the one row; None without a row."""
        row = self.row(conn, **values)
        return None if row is None else next(iter(row.values()))

    def run(self, conn: sa.Connection, **values: Any) -> None:
        """Run what answers with no rows."""
        spoken = self._for_driver(conn, values)
        if spoken is not None:
            spoken.execute(conn, values)
        else:
            conn.execute(self._statement(conn), values)

    def many(self, conn: sa.Connection, rows: Sequence[Row]) -> list[Any]:
        """The value for each of the rows, in their order.

        One statement on PostgreSQL (an INSERT needs ``sort_by_parameter_order``); on SQLite, where
        there is no round trip to save, one for each.
        """
        if not rows:
            return []
        if len(rows) == 1 or conn.dialect.name == "sqlite":
            return [self.value(conn, **row) for row in rows]
        return list(conn.scalars(self._statement(conn), rows))

    def _statement(self, conn: sa.Connection) -> Built:
        return self._of[conn.dialect.name]

    def _for_driver(self, conn: sa.Connection, values: Row) -> "_Spoken | None":
        """The compiled statement, if the driver takes it. The names say what an INSERT sets."""
        dialect = conn.dialect
        if dialect.is_async and driver_of(conn) is None:
            return None
        names = (dialect.name, *values)
        if names not in self._spoken:
            self._spoken[names] = _spoken(self._of[dialect.name], names[1:], dialect)
        return self._spoken[names]


@dataclass(frozen=True, slots=True)
class _Place:
    """A place for a value in the text. One without a name has its value built in."""

    name: str | None
    value: Any
    convert: Convert


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A statement as the driver takes it."""

    text: str
    places: tuple[_Place, ...]
    columns: tuple[tuple[str, Convert], ...]

    def execute(self, conn: sa.Connection, values: Row) -> Sequence[Sequence[Any]]:
        """Run it. Errors are SQLAlchemy's, as everywhere, and repeat no values."""
        given = []
        for place in self.places:
            value = place.value if place.name is None else values[place.name]
            given.append(value if place.convert is None else place.convert(value))
        if (postgres := driver_of(conn)) is not None:
            return ask(postgres, self.text, given, conn.dialect)
        driver: sqlite3.Connection = conn.connection.driver_connection  # type: ignore[assignment]
        try:
            return driver.execute(self.text, given).fetchall()
        except sqlite3.Error as error:
            raise sa.exc.DBAPIError.instance(
                self.text, None, error, sqlite3.Error, hide_parameters=True, dialect=conn.dialect
            ) from error

    def rows(self, conn: sa.Connection, values: Row) -> list[Row]:
        """Run it and make rows of the answer."""
        return [
            {
                name: value if convert is None else convert(value)
                for (name, convert), value in zip(self.columns, found, strict=True)
            }
            for found in self.execute(conn, values)
        ]


def _spoken(statement: Built, names: tuple[str, ...], dialect: sa.Dialect) -> _Spoken | None:
    """Compile it; None if the text depends on the values, as a list's does on its length."""
    said = statement if dialect.name == "sqlite" else _with_arrays(statement)
    compiled = said.compile(dialect=dialect, column_keys=list(names))
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("no statement")
    if compiled.post_compile_params or compiled.literal_execute_params:
        return None
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    places = [(name, binds[name]) for name in compiled.positiontup or ()]
    if unknown := set(names) - set(binds):
        raise TypeError(f"the statement names no {', '.join(sorted(unknown))}")
    return _Spoken(
        text=str(compiled),
        places=tuple(
            _Place(
                name=name if bind.required else None,
                value=None if bind.required else bind.effective_value,
                convert=bind.type.dialect_impl(dialect).bind_processor(dialect),
            )
            for name, bind in places
        ),
        columns=tuple(
            (str(name), column.type.dialect_impl(dialect).result_processor(dialect, _DOUBLE))
            for name, column in statement.exported_columns.items()
        ),
    )


def _with_arrays(statement: Built) -> Built:
    """The same, with one array in each list's place: one text and one plan, however long it is."""

    def replaced(element: Any, **_: Any) -> sa.ColumnElement[bool] | None:
        if not isinstance(element, sa.BinaryExpression) or element.operator is not in_op:
            return None
        given = element.right
        if not isinstance(given, sa.BindParameter) or not given.required:
            return None
        values = sa.bindparam(given.key, type_=postgresql.ARRAY(element.left.type))
        return element.left == sa.any_(values)

    built: Any = visitors.replacement_traverse(statement, {}, replaced)
    return cast("Built", built)
