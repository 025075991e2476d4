"""The peak day works in small, and what it promises to find wrong it finds."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from server.kit.db import Database, UnitOfWork
from server.messages import service as messages
from server.messages.tables import messages as lines
from server.queueing import service as queueing
from server.queueing.domain import Channel
from server.queueing.tables import queue_blocks, queue_tickets
from server.visits import service as visits
from tests.bench.day import ground, growth, phases, proof
from tests.bench.day.plan import TALKING, Kind, Plan, ident
from tests.bench.day.run import run
from tests.bench.day.wire import visit_of
from tests.bench.day.writes import doctor, patient
from tests.bench.report import Report

TINY = Plan(
    scale=0.001, day_logins=12_000, day_entries=16_000, day_messages=16_000, day_clients=8_000,
    clinics=4, doctors=1, talks=2, pinging=1, overload=1.5, growth=(40, 80), operations=6, lines=4,
    writes=10, rounds=1,
)  # fmt: skip


@pytest.fixture
def blockbuster() -> None:
    """Off: a benchmark's own loop may read files; nobody waits for it."""


def test_the_day_in_small() -> None:
    report = run(TINY)
    assert report.invariants
    assert report.invariants == dict.fromkeys(report.invariants, True)
    figures = {arm.what: arm.value for arm in report.arms if arm.arm == "embedded"}
    for phase in phases.PHASES:
        assert figures[f"{phase}: ping, median"] > 0
        assert figures[f"{phase}: pings without an answer"] == 0
        assert figures[f"{phase}: processor time"] > 0
    # Five phases, two sizes, and four goals of the whole.
    assert len(report.wishes) == 11
    # Each kind of operation at both sizes, and both figures beside the baseline.
    assert len(report.ratios) == len(growth.KINDS) + 2


def _a_day(uow: UnitOfWork) -> proof.Promised:
    """Three join one queue, two of them are called, and somebody writes twice elsewhere."""
    ground.lay(uow, TINY)
    promised = proof.Promised()
    clinic = ident(Kind.CLINIC, 0)
    for number in range(3):
        view = queueing.join(
            uow, patient(number), clinic, ground.PROFESSION, "Feber", Channel.VIDEO
        )
        promised.entries.append(view.ticket.id)
    for _ in range(2):
        called = visits.call_next(uow, doctor(0, TINY.clinics)).visit
        promised.claims.append((called.ticket_id, called.id, called.clinician_id))
    for number in (1, 2):
        key = f"00000000-0000-4000-8000-00000000000{number}"
        line = messages.post(uow, patient(TALKING), visit_of(TALKING), key, "Hej")
        promised.lines.append((line.visit_id, ident(Kind.PATIENT, TALKING), key, line.seq))
    return promised


_RIGHT = dict.fromkeys(
    ("lost", "twice", "untold", "overtaken", "lines_lost", "lines_doubled", "gaps", "miscounted"), 0
) | {"chains_broken": 0}


async def _found(database: Database, promised: proof.Promised) -> dict[str, int]:
    found = await database.read(proof.examine, promised)
    return {name: getattr(found, name) for name in _RIGHT}


async def test_a_day_without_faults(database: Database) -> None:
    promised = await database.write(_a_day)
    assert await _found(database, promised) == _RIGHT


async def test_what_clients_were_told_and_is_not_so(database: Database) -> None:
    promised = await database.write(_a_day)
    ticket, visit, who = promised.claims[0]
    stray = promised.entries[-1]
    wrong = replace(
        promised,
        entries=[*promised.entries, "no-such-ticket"],
        claims=[*promised.claims, (ticket, visit, who), (stray, visit, who)],
        lines=[*promised.lines, ("no-such-visit", who, "key", 1)],
    )
    # The last of the queue waits, and somebody says that she called her.
    assert await _found(database, wrong) == _RIGHT | {
        "lost": 2, "twice": 1, "untold": 1, "lines_lost": 1,
    }  # fmt: skip


async def test_who_waits_though_a_later_one_was_called(database: Database) -> None:
    promised = await database.write(_a_day)
    first = sa.update(queue_tickets).where(queue_tickets.c.id == promised.entries[0])
    back = first.values(state="waiting", taken_by=None, visit_id=None)
    await database.write(lambda uow: uow.conn.execute(back).rowcount)
    found = await _found(database, promised)
    assert found == _RIGHT | {"lost": 1, "untold": 1, "overtaken": 1}


async def test_a_count_that_is_wrong(database: Database) -> None:
    promised = await database.write(_a_day)
    wrong = sa.update(queue_blocks).values(waiting=queue_blocks.c.waiting + 1)
    changed = await database.write(lambda uow: uow.conn.execute(wrong).rowcount)
    assert changed > 0
    assert await _found(database, promised) == _RIGHT | {"miscounted": changed}


async def test_a_line_that_is_gone_and_a_chain_that_was_changed(database: Database) -> None:
    promised = await database.write(_a_day)
    gone = sa.delete(lines).where(lines.c.client_id == promised.lines[0][2])
    await database.write(lambda uow: uow.conn.execute(gone).rowcount)
    found = await _found(database, promised)
    assert found == _RIGHT | {"lines_lost": 1, "gaps": 1}


def test_each_thing_found_breaks_a_promise() -> None:
    right = proof.Found(**_RIGHT, logged=5, sessions=1)
    report = Report("some")
    proof.hold(report, "ours", right, proof.Promised(logins=1))
    assert len(report.invariants) == 10
    assert all(report.invariants.values())
    for name in [*_RIGHT, "logged", "sessions"]:
        wrong = replace(right, **{name: 1 if name in _RIGHT else 0})
        report = Report("some")
        proof.hold(report, "ours", wrong, proof.Promised(logins=1))
        assert list(report.invariants.values()).count(False) == 1, name
