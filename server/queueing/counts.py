"""How many wait, kept in blocks of the line by triggers of the database (ADR 30).

A block is a stretch of a level's line: from its ``since`` to the next one's, or to the end. Whoever
waits is counted in the block that their arrival falls into. The triggers are written once, in what
both engines understand; step 0014 holds a copy of this text, and a test holds the two together.
"""

# ruff: noqa: S608 (the text is put together from names in this file)

import sqlalchemy as sa

# A newcomer behind so many begins a block. To find a place all blocks of the queue are added up,
# and the people in one of them are counted.
BLOCK = 256

TRIGGERS = ("queue_blocks_insert", "queue_blocks_update", "queue_blocks_delete")
_ORDERED_BY = "clinic_id, profession, level, arrived_at"


def _line(alias: str, row: str) -> str:
    """The line that a ticket stands in."""
    return " AND ".join(
        f"{alias}{name} = {row}.{name}" for name in ("clinic_id", "profession", "level")
    )


def _own(row: str) -> str:
    """The block that a ticket's arrival falls into."""
    return (
        f"{_line('', row)} AND since = (SELECT max(b.since) FROM queue_blocks AS b"
        f" WHERE {_line('b.', row)} AND b.since <= {row}.arrived_at)"
    )


# Out of the line; a block without anybody becomes a part of the one before.
_OUT = (
    "UPDATE queue_blocks SET waiting = waiting - 1"
    f" WHERE OLD.state = 'waiting' AND {_own('OLD')}",
    f"DELETE FROM queue_blocks WHERE OLD.state = 'waiting' AND waiting = 0 AND {_own('OLD')}",
)  # fmt: skip


def _in(block: int) -> tuple[str, ...]:
    """Into it. A block begins where there is none, or behind everybody if the last is full."""
    return (
        "INSERT INTO queue_blocks (clinic_id, profession, level, since, waiting)"
        " SELECT NEW.clinic_id, NEW.profession, NEW.level, NEW.arrived_at, 0"
        " WHERE NEW.state = 'waiting' AND (NOT EXISTS (SELECT 1 FROM queue_blocks AS b"
        f" WHERE {_line('b.', 'NEW')} AND b.since <= NEW.arrived_at)"
        " OR ((SELECT b.waiting FROM queue_blocks AS b"
        f" WHERE {_line('b.', 'NEW')} AND b.since <= NEW.arrived_at"
        f" ORDER BY b.since DESC LIMIT 1) >= {block}"
        f" AND NOT EXISTS (SELECT 1 FROM queue_tickets AS t WHERE {_line('t.', 'NEW')}"
        " AND t.state = 'waiting' AND t.arrived_at >= NEW.arrived_at AND t.id <> NEW.id)))",
        "UPDATE queue_blocks SET waiting = waiting + 1"
        f" WHERE NEW.state = 'waiting' AND {_own('NEW')}",
    )


_MOVED = " OR ".join(
    ["(OLD.state = 'waiting') <> (NEW.state = 'waiting')"]
    + [f"OLD.{name} <> NEW.{name}" for name in _ORDERED_BY.split(", ")]
)


def definition(block: int = BLOCK) -> dict[str, tuple[str, ...]]:
    """What makes the triggers, by engine. ``block``: fewer let a test come to the second one."""
    into = _in(block)
    cases = (
        ("INSERT", "NEW.state = 'waiting'", into),
        (f"UPDATE OF state, {_ORDERED_BY}", _MOVED, _OUT + into),
        ("DELETE", "OLD.state = 'waiting'", _OUT),
    )
    sqlite: list[str] = []
    postgresql: list[str] = []
    for name, (change, when, steps) in zip(TRIGGERS, cases, strict=True):
        made = f"CREATE TRIGGER {name} AFTER {change} ON queue_tickets FOR EACH ROW WHEN ({when})"
        body = f"BEGIN {'; '.join(steps)};"
        sqlite.append(f"{made} {body} END")
        postgresql += (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ {body} RETURN NULL; END $$",
            f"{made} EXECUTE FUNCTION {name}()",
        )
    return {"sqlite": tuple(sqlite), "postgresql": tuple(postgresql)}


def keep(tickets: sa.Table) -> None:
    """Make the triggers wherever the table is made without the steps, as in tests."""

    def make(_table: sa.Table, conn: sa.Connection, **_: object) -> None:
        for statement in definition()[conn.dialect.name]:
            conn.exec_driver_sql(statement)

    sa.event.listen(tickets, "after_create", make)
