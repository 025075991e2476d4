"""The patient's word before the door, who closed the page at it, and who goes for good."""

import pytest

from server.guests import service
from server.guests.domain import AWAY_AFTER, ConsentMissing, GuestRole, InvitationOver
from server.kit.ids import new_id
from tests.server.guests.lobby import Lobby, acting, admit
from tests.server.queueing.world import World


@pytest.mark.parametrize("role", GuestRole)
def test_nobody_but_staff_is_let_in_before_the_patient_has_said_yes(
    lobby: Lobby, world: World, role: GuestRole
) -> None:
    """Also who was invited as a colleague: that is the inviter's word, and no login."""
    guest = lobby.waiting(role=role)
    before = len(world.lines(lobby.patient))
    with pytest.raises(ConsentMissing):
        world.run(service.admit, lobby.doctor, lobby.visit_id, guest.account_id, False)
    assert lobby.state(guest) == "waiting"
    (listed,) = lobby.door(admit, guest).guests
    assert (listed.consent_at, listed.admitted_by) == (world.now, lobby.doctor.account_id)
    said = [line for line in world.lines(lobby.patient)[before:] if line[1] == "consent"]
    assert said == [(lobby.doctor.account_id, "consent", "guest")]
    # The yes holds for who comes back, and is asked for once.
    world.run(service.leave, guest)
    world.later(minutes=5)
    assert world.run(service.come_back, guest).guest.consent_at == listed.consent_at


def test_a_colleague_by_her_login_needs_no_yes(lobby: Lobby, world: World) -> None:
    _, token = lobby.invite(role=GuestRole.RELATIVE)
    view, _ = lobby.redeem(token, staff_id=world.doctor("Bo Ek").account_id)
    assert not view.guest.needs_consent
    (listed,) = world.run(service.admit, lobby.doctor, lobby.visit_id, view.guest.id, False).guests
    assert (listed.state, listed.consent_at) == ("admitted", None)


def test_who_goes_for_good_uses_up_the_invitation_and_is_seen_to(
    lobby: Lobby, world: World
) -> None:
    invited, token = lobby.invite()
    view, _ = lobby.redeem(token)
    guest = acting(view.guest)
    world.run(service.leave, guest)
    world.run(service.sign_out, guest)
    (listed,) = world.run(service.guests_of, lobby.patient, lobby.visit_id).guests
    assert (listed.state, listed.gone_at) == ("expired", world.now)
    with pytest.raises(InvitationOver):
        lobby.redeem(token)
    # Of whom time ran out that is not said.
    other, _ = lobby.invite()
    world.later(hours=3)
    world.run(service.end_due)
    last = world.run(service.guests_of, lobby.doctor, lobby.visit_id).guests[-1]
    assert (last.id, last.state, last.gone_at) == (other.id, "expired", None)
    assert invited.gone_at is None


def test_who_waits_is_found_once_there_was_time_for_a_connection(
    lobby: Lobby, world: World
) -> None:
    guest, inside = lobby.waiting(), lobby.inside("Anna")
    lobby.invite("Bo")

    def lobbies() -> dict[str, list[str]]:
        found: dict[str, list[str]] = world.run(
            service.waiting_since, [lobby.visit_id, new_id()], world.now - AWAY_AFTER
        )
        return found

    assert lobbies() == {}
    world.later(seconds=16)
    assert lobbies() == {lobby.visit_id: [guest.account_id]}
    assert inside.account_id not in lobbies()[lobby.visit_id]
    lobby.door(admit, guest)
    assert lobbies() == {}
