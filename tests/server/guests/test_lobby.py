"""Guests on a real database: the invitation, the lobby, the door, the end."""

from typing import Any

import pytest
import sqlalchemy as sa

from server.accounts import service as accounts
from server.audit import service as audit
from server.guests import service
from server.guests.domain import (
    GuestEvent,
    GuestIllegalMove,
    GuestMoved,
    GuestRole,
    GuestsFull,
    GuestVisitMoved,
    InvitationOver,
    InvitationUnknown,
    InvitationUsed,
    NotAdmitted,
    OwnVisit,
)
from server.guests.tables import guests as table
from server.kit.errors import Invalid, NotFound, Unauthenticated
from server.kit.ids import new_id
from server.login.domain import SessionEnded
from server.queueing.domain import Channel
from server.visits import service as visits
from server.visits.domain import ModeReason, VisitClosed
from tests.server.guests.lobby import Lobby, acting, admit
from tests.server.queueing.world import World


def told(world: World, kind: type[GuestEvent] = GuestMoved) -> list[str]:
    return [each.state for each in world.events if type(each) is kind]


def ended(world: World) -> list[tuple[str, str]]:
    return [(e.session_id, e.reason) for e in world.events if isinstance(e, SessionEnded)]


def test_from_the_invitation_to_the_call_and_out(lobby: Lobby, world: World) -> None:
    invited, token = lobby.invite("  Gunnar\u0007 ", GuestRole.INTERPRETER)
    assert (invited.name, invited.state, invited.version) == ("Gunnar", "invited", 1)
    came, opened = lobby.redeem(token)
    guest = acting(came.guest)
    assert opened
    assert (came.guest.state, came.patient_name) == ("waiting", None)
    assert (came.clinician_name, came.profession) == ("Ulla Ek", "doctor")
    with pytest.raises(NotAdmitted):
        world.run(service.enter_call, guest, lobby.visit_id)
    world.later(minutes=1)
    listed = lobby.door(admit, guest)
    assert (listed.version, [each.state for each in listed.guests]) == (3, ["admitted"])
    assert listed.guests[0].admitted_at == world.now
    assert listed.guests[0].admitted_by == lobby.doctor.account_id
    assert world.run(service.visit_for, guest).patient_name == "Asta"
    assert world.run(service.enter_call, guest, lobby.visit_id).role is GuestRole.INTERPRETER
    assert lobby.door(admit, guest).version == 3, "in already"
    world.run(service.leave, guest)
    with pytest.raises(NotAdmitted):
        world.run(service.enter_call, guest, lobby.visit_id)
    assert world.run(service.come_back, guest).guest.state == "admitted"
    assert ended(world) == []
    lobby.door(service.remove, guest)
    assert ended(world) == [(guest.session_id, "revoked")]
    for use_case in (service.visit_for, service.leave, service.come_back, service.standing):
        with pytest.raises(Unauthenticated):
            world.run(use_case, guest)
    assert told(world) == ["invited", "waiting", "admitted", "left", "admitted", "removed"]
    with pytest.raises(InvitationOver):
        lobby.redeem(token)


def test_versions_of_list_and_guest_only_rise(lobby: Lobby, world: World) -> None:
    first, second = lobby.inside("Gunnar"), lobby.waiting("Bibbi")
    world.run(visits.set_mode, lobby.patient, lobby.visit_id, Channel.CHAT, ModeReason.NO_DEVICE)
    world.run(service.leave, first)
    lobby.door(service.refuse, second)
    moved = [each for each in world.events if isinstance(each, GuestEvent)]
    lists = [each.version for each in moved if isinstance(each, GuestMoved)]
    assert lists == list(range(1, len(lists) + 1))
    for guest in (first, second):
        own = [each.own_version for each in moved if each.guest_id == guest.account_id]
        assert own == sorted(set(own))
    newest = {lobby.visit_id: lists[-1]}
    assert world.run(service.versions, [lobby.visit_id, new_id()]) == newest
    assert world.run(service.versions, [lobby.visit_id]) == newest
    assert world.run(service.versions, [new_id()]) == {}
    assert world.run(service.versions, []) == {}


def test_a_token_is_kept_as_a_hash_and_one_at_a_time(lobby: Lobby, world: World) -> None:
    guest, first = lobby.invite()
    second = new_id()
    assert lobby.issue(guest.id, second), "the answer with the first was lost"
    stored = world.run(lambda uow: [tuple(row) for row in uow.conn.execute(sa.select(table))])
    assert not [value for row in stored for value in row if value in {first, second}]
    with pytest.raises(InvitationUnknown):
        lobby.redeem(first)
    lobby.redeem(second)
    assert not lobby.issue(guest.id, new_id()), "used"


def test_a_repeat_gets_in_and_nobody_else_does(lobby: Lobby, world: World) -> None:
    _, token = lobby.invite()
    first, _ = lobby.redeem(token, key="the-request")
    again, opened = lobby.redeem(token, key="the-request")
    assert opened
    assert again.guest.session_id != first.guest.session_id
    assert ended(world) == [(first.guest.session_id, "revoked")], "nobody has it"
    with pytest.raises(Unauthenticated):
        world.run(service.standing, acting(first.guest))
    with pytest.raises(InvitationUsed):
        lobby.redeem(token, key="another-request")
    same, opened = lobby.redeem(token, here=frozenset({again.guest.id}))
    assert not opened, "this browser has the session already"
    assert same.guest == again.guest


def test_who_is_logged_in_as_staff_comes_as_a_colleague(lobby: Lobby, world: World) -> None:
    _, token = lobby.invite("Någon", GuestRole.RELATIVE)
    colleague = world.doctor("Cia Ström")
    view, _ = lobby.redeem(
        token, staff_id=colleague.account_id, here=frozenset({colleague.account_id})
    )
    assert (view.guest.role, view.guest.name, view.guest.title) == (
        "colleague",
        "Cia Ström",
        "Läkare",
    )
    assert view.guest.account_id == colleague.account_id
    world.run(accounts.lock, colleague.account_id)
    assert lobby.state(view.guest) == "expired", "a closed account is out of every visit"


def test_the_visits_own_two_are_no_guests(lobby: Lobby, world: World) -> None:
    _, token = lobby.invite()
    for party in (lobby.patient, lobby.doctor):
        with pytest.raises(OwnVisit):
            lobby.redeem(token, here=frozenset({party.account_id}))
    other = world.patient("Eva")
    view, _ = lobby.redeem(token, here=frozenset({other.account_id}))
    assert view.guest.name == "Gunnar", "a patient may be somebody's relative"


def test_four_places_and_who_left_keeps_one(lobby: Lobby, world: World) -> None:
    people = [lobby.inside(f"Gäst {n}") for n in range(3)]
    unused, _ = lobby.invite()
    world.run(service.leave, people[0])
    with pytest.raises(GuestsFull):
        lobby.invite()
    lobby.door(service.withdraw, unused)
    again, _ = lobby.invite()
    with pytest.raises(GuestsFull):
        lobby.invite()
    lobby.door(service.remove, people[0])
    lobby.invite()
    with pytest.raises(GuestIllegalMove):
        lobby.door(service.remove, again)
    with pytest.raises(GuestIllegalMove):
        lobby.door(service.withdraw, people[1])


def test_time_ends_invitations_and_sessions_and_is_told(lobby: Lobby, world: World) -> None:
    _, unused = lobby.invite("Sen")
    guest = lobby.inside()
    assert world.run(service.end_due) == 0
    world.later(hours=2)
    with pytest.raises(InvitationOver):
        lobby.redeem(unused)
    assert world.run(service.end_due) == 1
    assert world.run(service.end_due) == 0
    world.run(service.standing, guest)
    world.later(hours=2)
    with pytest.raises(Unauthenticated):
        world.run(service.standing, guest)
    assert world.run(service.end_due) == 1
    assert lobby.state(guest) == "expired"
    assert ended(world) == [(guest.session_id, "expired")]
    assert told(world)[-2:] == ["expired", "expired"]


@pytest.mark.parametrize("away", [False, True])
def test_the_visits_end_closes_everything(world: World, away: bool) -> None:
    lobby = Lobby(world)
    _, unused = lobby.invite()
    inside, waits = lobby.inside("Inne"), lobby.waiting("Ute")
    turned_away = lobby.waiting("Nej")
    lobby.door(service.refuse, turned_away)
    if away:
        world.run(visits.leave, lobby.patient, lobby.visit_id)
        assert lobby.state(inside) == "admitted", "the visit goes on"
    world.run(visits.end, lobby.doctor, lobby.visit_id)
    states = [
        each.state for each in world.run(service.guests_of, lobby.patient, lobby.visit_id).guests
    ]
    assert states == ["expired", "expired", "expired", "refused"]
    assert {session for session, reason in ended(world) if reason == "expired"} == {
        inside.session_id,
        waits.session_id,
    }
    for refused in (lobby.invite, lambda: lobby.redeem(unused)):
        with pytest.raises((VisitClosed, InvitationOver)):
            refused()
    with pytest.raises(GuestIllegalMove):
        lobby.door(service.remove, inside)


def test_a_visit_that_moves_is_told_to_who_is_there(lobby: Lobby, world: World) -> None:
    lobby.invite()
    lobby.waiting("Ute")
    world.events.clear()
    world.run(visits.set_mode, lobby.patient, lobby.visit_id, Channel.CHAT, ModeReason.NO_DEVICE)
    assert told(world) == []
    assert [e.mode for e in world.events if isinstance(e, GuestVisitMoved)] == ["chat"]


def test_a_guest_of_one_visit_does_not_exist_in_another(lobby: Lobby, world: World) -> None:
    guest, other = lobby.inside(), Lobby(world)
    with pytest.raises(NotFound):
        world.run(service.enter_call, guest, other.visit_id)
    moves: list[Any] = [admit, service.refuse, service.remove, service.withdraw]
    for move in moves:
        with pytest.raises(NotFound):
            world.run(move, other.doctor, other.visit_id, guest.account_id)
        with pytest.raises(NotFound):
            world.run(move, other.doctor, lobby.visit_id, guest.account_id)
    with pytest.raises(NotFound):
        world.run(service.guests_of, other.patient, lobby.visit_id)
    assert lobby.state(guest) == "admitted"


def test_what_is_no_name_is_refused(lobby: Lobby) -> None:
    with pytest.raises(Invalid):
        lobby.invite("\u0007 ")


def test_every_look_of_a_guest_is_in_the_patients_log(lobby: Lobby, world: World) -> None:
    guest = lobby.waiting()
    before = world.lines(lobby.patient)
    world.run(service.visit_for, guest)
    assert world.logged
    assert world.lines(lobby.patient) == before, "nothing of the patient was told"
    lobby.door(admit, guest)
    world.run(service.visit_for, guest)
    world.run(service.enter_call, guest, lobby.visit_id)
    new = world.lines(lobby.patient)[len(before) :]
    # A guest has no account: the lines stand under the one who let them in, and name the guest.
    doctor = lobby.doctor.account_id
    assert new == [(doctor, step, "guest") for step in ("consent", "admit", "read", "join")]
    lines = world.run(audit.lines_of, lobby.patient.account_id)[-2:]
    assert {(line.audience, line.resource_id) for line in lines} == {("guest", guest.account_id)}


def test_what_happens_at_the_door_is_in_the_patients_log(lobby: Lobby, world: World) -> None:
    before = len(world.lines(lobby.patient))
    lobby.door(service.withdraw, lobby.invite()[0])
    lobby.door(service.refuse, lobby.waiting())
    guest = lobby.inside()
    for move in (service.leave, service.come_back):
        world.run(move, guest)
    lobby.door(service.remove, guest)
    world.run(service.guests_of, lobby.patient, lobby.visit_id)
    new = [(who, action) for who, action, kind in world.lines(lobby.patient)[before:]]
    doctor, patient = lobby.doctor.account_id, lobby.patient.account_id
    actions = ["invite", "withdraw", "invite", "arrive", "refuse", "invite", "arrive"]
    actions += ["consent", "admit", "leave", "return", "remove"]
    assert new == [*((doctor, action) for action in actions), (patient, "list")]
