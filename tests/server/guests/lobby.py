"""A visit with a clinician at the door, for tests in one unit of work after the other."""

from dataclasses import dataclass, field
from typing import Any

from server.guests import service
from server.guests.domain import Arrival, Guest, GuestList, GuestRole, GuestView
from server.kit.actor import Actor, Audience
from server.kit.db import UnitOfWork
from server.kit.ids import new_id
from server.login.service import hash_of
from tests.server.queueing.world import World


@dataclass
class Lobby:
    """A visit in which patient and clinician are there."""

    world: World
    patient: Actor = field(init=False)
    doctor: Actor = field(init=False)
    visit_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.patient, self.doctor, met = self.world.met()
        self.visit_id = met.visit.id

    def invite(
        self, name: str = "Gunnar", role: GuestRole = GuestRole.RELATIVE
    ) -> tuple[Guest, str]:
        """A guest, and the token of the invitation."""
        guest = self.world.run(service.invite, self.doctor, self.visit_id, name, role)
        token = new_id()
        assert self.issue(guest.id, token)
        return guest, token

    def issue(self, guest_id: str, token: str) -> bool:
        """The token becomes the invitation's."""
        return self.world.run(service.issue, self.doctor, self.visit_id, guest_id, hash_of(token))

    def redeem(self, token: str, **how: Any) -> tuple[GuestView, bool]:
        """Come with a token; ``key`` is the request's."""
        arrival = Arrival(how.pop("key", new_id()), new_id(), hash_of(new_id()))
        return self.world.run(service.redeem, hash_of(token), arrival, **how)

    def waiting(self, name: str = "Gunnar", role: GuestRole = GuestRole.RELATIVE) -> Actor:
        """Somebody in the lobby."""
        view, _ = self.redeem(self.invite(name, role)[1])
        return acting(view.guest)

    def inside(self, name: str = "Gunnar", role: GuestRole = GuestRole.RELATIVE) -> Actor:
        """Somebody who was let in."""
        guest = self.waiting(name, role)
        self.door(admit, guest)
        return guest

    def door(self, move: Any, guest: Actor | Guest) -> Any:
        """What the clinician does with a guest."""
        guest_id = guest.account_id if isinstance(guest, Actor) else guest.id
        return self.world.run(move, self.doctor, self.visit_id, guest_id)

    def state(self, guest: Actor | Guest) -> str:
        """Where the guest is, as the clinician's list says."""
        guest_id = guest.account_id if isinstance(guest, Actor) else guest.id
        found = self.world.run(service.guests_of, self.doctor, self.visit_id).guests
        return next(each.state.value for each in found if each.id == guest_id)


def admit(uow: UnitOfWork, actor: Actor, visit_id: str, guest_id: str) -> GuestList:
    """Let in with the patient's yes."""
    return service.admit(uow, actor, visit_id, guest_id, consent=True)


def acting(guest: Guest) -> Actor:
    """The guest with the session that it has now."""
    assert guest.session_id is not None
    return Actor(guest.id, Audience.GUEST, guest.session_id, guest.name)
