"""The writer of groups at random: who fails takes nothing along, and a failing COMMIT everybody."""

import asyncio
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from typing_extensions import override

from server.kit.db import CommitFailed, Database, UnitOfWork
from server.kit.schema import outbox
from server.kit.sqlite import SqliteBackend
from tests.server.kit.counted import Counted, count, numbers

pytestmark = pytest.mark.property
PATIENCE = 30.0
Unit = Callable[[UnitOfWork, int], int]


class No(Exception):
    """A unit's own fault."""


def _driver(uow: UnitOfWork) -> sqlite3.Connection:
    driver = uow.conn.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def fine(uow: UnitOfWork, number: int) -> int:
    return count(uow, number)


def raises(uow: UnitOfWork, number: int) -> int:
    """Has written, in a savepoint of its own too, when it fails."""
    row = {"kind": Counted.kind, "data": {"number": number}, "at": uow.now}
    with uow.conn.begin_nested():
        uow.conn.execute(sa.insert(outbox), row)
    count(uow, number)
    raise No


def breaks_a_rule(uow: UnitOfWork, number: int) -> int:
    row = {"id": -1, "kind": Counted.kind, "data": {"number": number}, "at": uow.now}
    uow.conn.execute(sa.insert(outbox), row)
    uow.conn.execute(sa.insert(outbox), row)
    return number


def is_too_large(uow: UnitOfWork, number: int) -> int:
    """The file may not grow, as on a full disk. It is SQLite's to say whether all is over then."""
    driver = _driver(uow)
    pages = driver.execute("PRAGMA page_count").fetchone()[0]
    driver.execute(f"PRAGMA max_page_count={pages + 2}")
    try:
        row = {"kind": Counted.kind, "data": {"number": number, "x": "x" * 200_000}, "at": uow.now}
        uow.conn.execute(sa.insert(outbox), row)
    finally:
        if not driver.in_transaction:
            ENDED.add(number)
        driver.execute("PRAGMA max_page_count=1073741823")
    return number


def ends_everything(uow: UnitOfWork, number: int) -> int:
    """What SQLite does by itself when a write to the disk fails."""
    count(uow, number)
    _driver(uow).execute("ROLLBACK")
    raise sqlite3.OperationalError("disk I/O error")


def fails_at_the_end(uow: UnitOfWork, number: int) -> int:
    """A reference into nothing, which is looked at by the COMMIT."""
    driver = _driver(uow)
    driver.execute("PRAGMA defer_foreign_keys=ON")
    driver.execute("INSERT INTO child VALUES (?)", [number])
    return count(uow, number)


# Those for which SQLite ended the whole transaction by itself.
ENDED: set[int] = set()
ALONE: dict[Unit, type[Exception]] = {
    raises: No,
    breaks_a_rule: sa.exc.IntegrityError,
    is_too_large: CommitFailed,
}
UNITS = st.sampled_from([fine, fine, *ALONE, ends_everything, fails_at_the_end])


class Writing(RuleBasedStateMachine):
    """Groups of units, some of whose callers go away, and what must be stored and told."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="vardrum-groups-"))
        self.runner = asyncio.Runner()
        self.expected: list[int] = []
        self.told: list[int] = []
        self.last = 0

    @initialize()
    def open(self) -> None:
        path = self.folder / "vardrum.db"
        shutil.copy(self.template, path)
        with sqlite3.connect(path) as conn:
            conn.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
            conn.execute("CREATE TABLE child (id INTEGER REFERENCES parent)")
        conn.close()
        # However slow the machine: those that a test asks for together are one group.
        self.backend = SqliteBackend(path, slice_seconds=PATIENCE)
        self.database = Database(self.backend)
        self.database.subscribe(
            lambda stored: self.told.extend(
                each.event.number for each in stored if isinstance(each.event, Counted)
            )
        )
        self.runner.run(self.database.start())

    @rule(units=st.lists(UNITS, min_size=1, max_size=7), gone=st.sets(st.integers(0, 6)))
    def write(self, units: list[Unit], gone: set[int]) -> None:
        self.runner.run(self._write(units, gone))

    async def _write(self, units: list[Unit], gone: set[int]) -> None:
        inside, gate = threading.Event(), threading.Event()

        def hold(_uow: UnitOfWork) -> None:
            inside.set()
            gate.wait(PATIENCE)

        held = asyncio.ensure_future(self.database.write(hold))  # noqa: TID251
        await asyncio.to_thread(inside.wait, PATIENCE)
        asked, before = range(self.last, self.last + len(units)), self.backend.groups
        self.last += len(units)
        ENDED.clear()
        waiting = [
            asyncio.ensure_future(self.database.write(unit, number))  # noqa: TID251
            for unit, number in zip(units, asked, strict=True)
        ]
        await asyncio.sleep(0)
        for index in gone & set(range(len(units))):
            waiting[index].cancel()
        gate.set()
        await held
        results = await asyncio.gather(*waiting, return_exceptions=True)
        while self.backend.waiting:
            await asyncio.sleep(0.001)
        # Also the marking of what was told may come in between; they themselves are one group.
        assert self.backend.groups > before
        self._compare(units, list(asked), gone, results)

    def _compare(
        self, units: list[Unit], asked: list[int], gone: set[int], results: Sequence[object]
    ) -> None:
        over = [unit is ends_everything or n in ENDED for unit, n in zip(units, asked, strict=True)]
        ended = over.index(True) if True in over else len(units)
        committed = ended == len(units) and fails_at_the_end not in units
        for index, (unit, number, result) in enumerate(zip(units, asked, results, strict=True)):
            if index in gone:
                expected: object = asyncio.CancelledError
            elif unit in ALONE and index <= ended:
                expected = ALONE[unit]
            elif index == ended:
                expected = sqlite3.OperationalError
            elif not committed:
                expected = CommitFailed
            else:
                expected = number
            known = type(result) if isinstance(result, BaseException) else result
            assert known == expected, (index, units)
        if committed:
            kept = [n for unit, n in zip(units, asked, strict=True) if unit is fine]
            self.expected.extend(kept)

    @precondition(lambda self: self.last > 0)
    @rule()
    def start_again(self) -> None:
        """What was answered is there after a stop, and told to nobody a second time."""
        self.runner.run(self.database.stop())
        path, self.backend = (
            self.backend.path,
            SqliteBackend(self.backend.path, slice_seconds=PATIENCE),
        )
        assert path == self.backend.path
        self.database = Database(self.backend)
        self.database.subscribe(
            lambda stored: self.told.extend(
                each.event.number for each in stored if isinstance(each.event, Counted)
            )
        )
        self.runner.run(self.database.start())
        assert self.runner.run(self.database.redeliver()) == 0

    @invariant()
    def what_was_answered_is_stored_and_told_in_order(self) -> None:
        if hasattr(self, "database"):
            assert self.runner.run(self.database.read(numbers)) == self.expected
            assert self.told == self.expected

    @override
    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.runner.run(self.database.stop())
        self.runner.close()
        shutil.rmtree(self.folder)


def test_the_writer_keeps_what_it_answered_and_nothing_else(template: Path) -> None:
    Writing.template = template
    # A walk is short, and to shrink one takes minutes: each opens a file and waits for its disk.
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    run_state_machine_as_test(
        Writing, settings=settings(max_examples=15, stateful_step_count=8, phases=phases)
    )
