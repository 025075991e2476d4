"""What a call was like is kept with its visit, also when the numbers were lost."""

import asyncio
import dataclasses

import pytest

from server.kit.db import UnitOfWork
from server.visits import store
from server.visits.domain import CallQuality
from signaling.rooms.legs import participant_of
from signaling.rooms.media_port import LegOver, Quality
from tests.signaling.stage import Stage, eventually

NUMBERS = Quality(
    seconds=61.0, transport="tcp", loss_up=0.01, loss_down=None, jitter_up_ms=2.5,
    jitter_down_ms=None, round_trip_p50_ms=31.0, round_trip_p95_ms=58.5, bitrate_up=900_000,
    bitrate_down=8_000_000_000, restarts=1, interruptions=2,
)  # fmt: skip


def _stored(uow: UnitOfWork, visit_id: str) -> list[CallQuality]:
    return store.calls(uow.conn, visit_id)


async def kept(stage: Stage, visit_id: str, count: int) -> list[CallQuality]:
    found: list[CallQuality] = []

    def look() -> bool:
        return not stage.signaling._quality._writing

    await eventually(look)
    found = await stage.database.read(_stored, visit_id)
    assert len(found) == count
    return found


async def test_numbers_are_kept_when_a_leg_is_over(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    patient, staff = await stage.tab(anna), await stage.tab(bo)
    legs = [(await tab.ok("call.join", visit_id=visit_id))["leg_id"] for tab in (patient, staff)]
    for leg_id in legs:
        stage.media.report(leg_id, "connected")
    stage.media.report(legs[0], "disconnected")
    stage.media.report(legs[0], "connected")
    await patient.ok("call.leave", visit_id=visit_id, leg_id=legs[0])
    stage.media.happen(LegOver(legs[0], visit_id, "closed", NUMBERS))
    stage.media.happen(LegOver(legs[0], visit_id, "closed", NUMBERS))  # is told once
    stage.media.happen(LegOver("nobody's", visit_id, "closed", NUMBERS))
    stage.media.happen(
        LegOver(legs[1], visit_id, "failed", dataclasses.replace(NUMBERS, transport="udp"))
    )
    mine, theirs = await kept(stage, visit_id, 2)
    assert (mine.visit_id, mine.role, mine.ending) == (visit_id, "patient", "closed")
    assert (theirs.role, theirs.ending, theirs.transport) == ("clinician", "failed", "udp")
    assert mine.started_at <= mine.ended_at
    assert mine.participant == participant_of(visit_id, anna.actor.account_id)
    for name in (field.name for field in dataclasses.fields(Quality) if field.name != "seconds"):
        assert getattr(mine, name) == getattr(NUMBERS, name)


async def test_a_worker_that_died_took_the_numbers_and_the_record_says_so(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    patient = await stage.tab(anna)
    first = (await patient.ok("call.join", visit_id=visit_id))["leg_id"]
    stage.media.report(first, "connected")
    stage.media.die()
    await patient.until("call.lost", leg_id=first)
    second = (await patient.ok("call.join", visit_id=visit_id))["leg_id"]
    stage.media.report(second, "connected")
    stage.media.happen(LegOver(second, visit_id, "closed", NUMBERS))
    lost, fine = await kept(stage, visit_id, 2)
    assert lost.participant == fine.participant
    assert (lost.ending, lost.transport, lost.restarts) == ("worker_lost", None, None)
    assert (fine.ending, fine.transport) == ("closed", "tcp")


async def test_a_leg_that_never_connected_leaves_no_record(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    patient = await stage.tab(anna)
    leg_id = (await patient.ok("call.join", visit_id=visit_id))["leg_id"]
    stage.media.happen(LegOver(leg_id, visit_id, "failed", NUMBERS))
    await kept(stage, visit_id, 0)


async def test_media_that_hangs_holds_up_no_end(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    patient = await stage.tab(anna)
    leg_id = (await patient.ok("call.join", visit_id=visit_id))["leg_id"]
    stage.media.report(leg_id, "connected")
    with monkeypatch.context() as patched:
        patched.setattr(stage.media, "leave", asyncio.Event().wait)
        await stage.signaling._quality.stop()
    (found,) = await kept(stage, visit_id, 1)
    assert found.ending == "worker_lost"


@pytest.mark.parametrize("alive", [True, False])
async def test_what_is_open_at_the_end_is_kept_as_well(stage: Stage, alive: bool) -> None:
    """The server stops: calls that go on are closed first, and so measured to their end."""
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    patient = await stage.tab(anna)
    leg_id = (await patient.ok("call.join", visit_id=visit_id))["leg_id"]
    stage.media.report(leg_id, "connected")
    if alive:
        stage.media.ends_with = NUMBERS
    await stage.signaling._quality.stop()
    (found,) = await kept(stage, visit_id, 1)
    assert found.ending == ("closed" if alive else "worker_lost")
    assert found.bitrate_up == (900_000 if alive else None)
