"""What two do with one invitation, or with the last place, in the same moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.guests import service
from server.guests.domain import (
    MOST,
    Arrival,
    GuestIllegalMove,
    GuestRole,
    GuestsFull,
    GuestState,
    InvitationUsed,
)
from server.kit.actor import Actor
from server.kit.db import Database, UnitOfWork
from server.kit.ids import new_id
from server.login.service import hash_of
from server.queueing import service as queueing
from server.queueing.domain import Channel, DutyState
from server.visits import service as visits
from tests.server.guests.lobby import admit
from tests.server.queueing.world import DOCTOR
from tests.server.rivals import at_once
from tests.support import People


class Visit:
    """A visit in progress."""

    def __init__(self, database: Database, doctor: Actor, visit_id: str) -> None:
        self.database, self.doctor, self.id = database, doctor, visit_id

    async def invite(self) -> tuple[str, str]:
        """A guest's id, and the token."""
        guest = await self.database.write(
            service.invite, self.doctor, self.id, "Gunnar", GuestRole.RELATIVE
        )
        token = new_id()
        await self.database.write(service.issue, self.doctor, self.id, guest.id, hash_of(token))
        return guest.id, token

    async def states(self) -> list[GuestState]:
        found = await self.database.write(service.guests_of, self.doctor, self.id)
        return [each.state for each in found.guests]


@pytest.fixture
async def visit(database: Database, people: People) -> Visit:
    clinic = await people.clinic()
    doctor = await people.actor(await people.clinician(clinic))
    patient = await people.actor(await people.patient())
    await database.write(queueing.set_duty, doctor, DutyState.ON, clinic.id, DOCTOR)
    await database.write(queueing.join, patient, clinic.id, DOCTOR, "Feber", Channel.VIDEO)
    called = (await database.write(visits.call_next, doctor)).visit
    await database.write(visits.join, patient, called.id)
    return Visit(database, doctor, called.id)


def redeems(token: str) -> Callable[[UnitOfWork], Any]:
    arrival = Arrival(new_id(), new_id(), hash_of(new_id()))
    return lambda uow: service.redeem(uow, hash_of(token), arrival)[0].guest


async def test_of_two_who_come_with_one_invitation_one_gets_in(visit: Visit) -> None:
    _, token = await visit.invite()
    first, second = await at_once(visit.database, redeems(token), redeems(token))
    assert first.state is GuestState.WAITING
    assert isinstance(second, InvitationUsed)
    assert await visit.states() == [GuestState.WAITING]


async def test_the_last_place_is_given_once(visit: Visit) -> None:
    for _ in range(MOST - 1):
        await visit.invite()

    def invites(uow: UnitOfWork) -> Any:
        return service.invite(uow, visit.doctor, visit.id, "Bibbi", GuestRole.RELATIVE)

    first, second = await at_once(visit.database, invites, invites)
    assert first.version == MOST
    assert isinstance(second, GuestsFull)
    assert len(await visit.states()) == MOST


async def test_who_is_refused_and_admitted_at_once_is_one_of_the_two(visit: Visit) -> None:
    guest_id, token = await visit.invite()
    await visit.database.write(redeems(token))

    def moves(move: Any) -> Callable[[UnitOfWork], Any]:
        return lambda uow: move(uow, visit.doctor, visit.id, guest_id)

    first, second = await at_once(visit.database, moves(service.refuse), moves(admit))
    assert first.guests[0].state is GuestState.REFUSED
    assert isinstance(second, GuestIllegalMove)


async def test_who_comes_while_the_visit_ends_is_not_left_inside(visit: Visit) -> None:
    _, token = await visit.invite()
    await at_once(
        visit.database, redeems(token), lambda uow: visits.end(uow, visit.doctor, visit.id)
    )
    assert await visit.states() == [GuestState.EXPIRED]
