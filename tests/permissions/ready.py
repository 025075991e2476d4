"""What a change needs in order to be granted, and what else could be asked of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from server.accounts import service as accounts
from server.accounts.domain import Account
from server.guests import service as guests
from server.guests.domain import GuestRole
from server.kit.actor import Actor, Audience
from server.kit.permissions import Scope
from server.login.service import hash_of
from server.visits import service as visits
from tests.permissions.arena import Arena
from tests.support import PASSWORD, People

Body = dict[str, Any]


@dataclass(frozen=True)
class Ready:
    """Who asks, if not whoever is inside; what of; and what would be another request."""

    caller: str | None = None
    body: Body = field(default_factory=dict)
    other: Body = field(default_factory=dict)


Prepare = Callable[[Arena], Awaitable[Ready]]


async def _account(arena: Arena, name: str) -> Account:
    account = arena.sessions[name].account
    assert account is not None
    return account


async def _actor(arena: Arena, name: str) -> Actor:
    return await People(arena.database).actor(await _account(arena, name))


def _visit(arena: Arena) -> str:
    return arena.ids[Audience.STAFF, Scope.PARTY, "visit_id"]


async def _called(arena: Arena) -> Ready:
    """Lars has called the next patient, who has not come yet."""
    lars = "a colleague on duty"
    called = await arena.database.write(visits.call_next, await _actor(arena, lars))
    arena.ids[Audience.STAFF, Scope.PARTY, "visit_id"] = called.visit.id
    return Ready(lars)


async def _patient_called(arena: Arena) -> Ready:
    """The psychologist has called Anna too."""
    petra = await _actor(arena, "another profession")
    called = await arena.database.write(visits.call_next, petra)
    arena.ids[Audience.PATIENT, Scope.PARTY, "visit_id"] = called.visit.id
    return Ready()


async def _free_colleague(_arena: Arena) -> Ready:
    """Karin has a patient already."""
    return Ready("a colleague on duty")


async def _ended(arena: Arena) -> Ready:
    """The visit is over; its note, in the first version, is not signed."""
    await arena.database.write(visits.end, await _actor(arena, "the clinician"), _visit(arena))
    return Ready(body={"version": 1}, other={"version": 2})


async def _off_duty(_arena: Arena) -> Ready:
    return Ready("a colleague on duty", {"state": "off"}, {"state": "on"})


async def _invite(arena: Arena, token: str) -> None:
    karin = await _actor(arena, "the clinician")
    guest = await arena.database.write(
        guests.invite, karin, _visit(arena), "Tolk", GuestRole.INTERPRETER
    )
    await arena.database.write(guests.issue, karin, _visit(arena), guest.id, hash_of(token))
    arena.ids[Audience.STAFF, Scope.PARTY, "guest_id"] = guest.id


async def _invited(arena: Arena) -> Ready:
    """Somebody was invited and has not come."""
    await _invite(arena, "t" * 43)
    return Ready()


async def _invitation(arena: Arena) -> Ready:
    """Two were invited; the second one's invitation is another request."""
    for token in ("t", "u"):
        await _invite(arena, token * 43)
    return Ready("nobody", {"token": "t" * 43}, {"token": "u" * 43})


async def _admitted(arena: Arena) -> Ready:
    """Who waited was let in."""
    guest = arena.ids[Audience.STAFF, Scope.PARTY, "guest_id"]
    karin = await _actor(arena, "the clinician")
    await arena.database.write(guests.admit, karin, _visit(arena), guest, True)
    return Ready()


async def _outside(arena: Arena) -> Ready:
    """The guest has gone away for a moment."""
    reply = await arena.request(arena.sessions["a guest"], "POST", "/api/v1/guest/visit/leave")
    assert reply.status == 200
    return Ready()


def _login(name: str, other: str) -> Prepare:
    """With the password that all have; as somebody else is another request."""

    async def prepare(arena: Arena) -> Ready:
        usernames = [(await _account(arena, each)).username for each in (name, other)]
        body = {"username": usernames[0], "password": PASSWORD}
        return Ready("nobody", body, {"username": usernames[1]})

    return prepare


def _administers(other: Body, **body: Any) -> Prepare:
    async def prepare(_arena: Arena) -> Ready:
        return Ready("an administrator", body, other)

    return prepare


async def _locked(arena: Arena) -> Ready:
    """Somebody has been locked."""
    account = arena.ids[Audience.STAFF, Scope.ADMINISTERED, "account_id"]
    await arena.database.write(accounts.lock, account)
    return Ready("an administrator")


def _says(other: Body, **body: Any) -> Prepare:
    async def prepare(_arena: Arena) -> Ready:
        return Ready(body=body, other=other)

    return prepare


P, S, G = "/api/v1/patient", "/api/v1/staff", "/api/v1/guest"
_CHAT = _says({"mode": "video"}, mode="chat", reason="chosen")
_SIGNS = _says({"communication": "reads"}, communication="signs")
_CHANGES = _says({"new": "sju sorters kakor"}, current=PASSWORD, new="åtta röda hus")
READY: dict[str, Prepare] = {
    f"POST {P}/session": _login("the patient", "another patient"),
    f"POST {S}/session": _login("the clinician", "off duty"),
    f"POST {G}/session": _invitation,
    f"POST {P}/queue-tickets": _says({"reason": "hosta"}, profession="district_nurse"),
    f"PUT {P}/queue-tickets/{{ticket_id}}/channel": _says({"channel": "video"}, channel="chat"),
    f"PUT {P}/queue-tickets/{{ticket_id}}/communication": _SIGNS,
    f"PUT {P}/visits/{{visit_id}}/communication": _SIGNS,
    f"PUT {G}/visit/communication": _SIGNS,
    f"PUT {P}/visits/{{visit_id}}/mode": _CHAT,
    f"PUT {S}/visits/{{visit_id}}/mode": _CHAT,
    f"POST {P}/visits/{{visit_id}}/join": _patient_called,
    f"PUT {S}/duty": _off_duty,
    f"POST {S}/queue/next": _free_colleague,
    f"POST {S}/queue-tickets/{{ticket_id}}/take": _free_colleague,
    f"POST {S}/visits/{{visit_id}}/no-answer": _called,
    f"POST {S}/visits/{{visit_id}}/no-show": _called,
    f"POST {S}/visits/{{visit_id}}/return": _called,
    f"PUT {S}/visits/{{visit_id}}/note": _says({"text": "gå hem"}, text="vila", version=1),
    f"POST {S}/visits/{{visit_id}}/note/sign": _ended,
    f"POST {S}/visits/{{visit_id}}/guests/{{guest_id}}/admit": _says(
        {"consent": False}, consent=True
    ),
    f"POST {S}/visits/{{visit_id}}/guests/{{guest_id}}/remove": _admitted,
    f"DELETE {S}/visits/{{visit_id}}/guests/{{guest_id}}": _invited,
    f"POST {G}/visit/join": _outside,
    f"POST {S}/admin/people": _administers({"name": "Bo"}, password="åtta röda hus"),
    f"PUT {S}/admin/people/{{account_id}}/password": _administers(
        {"password": "sju sorters kakor"}, password="åtta röda hus"
    ),
    f"PUT {P}/password": _CHANGES,
    f"PUT {S}/password": _CHANGES,
    f"POST {S}/admin/people/{{account_id}}/lock": _administers({}),
    f"POST {S}/admin/people/{{account_id}}/unlock": _locked,
    f"PUT {S}/admin/people/{{account_id}}/administrator": _administers({"administrator": False}),
    f"PUT {S}/admin/people/{{account_id}}/commissions": _administers({"held": False}),
    f"POST {S}/admin/clinics": _administers({"name": "Vallby"}),
    f"PUT {S}/admin/clinics/{{clinic_id}}/days": _administers(
        {"usual": True}, day="2026-12-24", usual=False, hours=[]
    ),
    f"PUT {S}/admin/clinics/{{clinic_id}}/hours": _administers(
        {"always": False}, hours=[{"weekday": 0, "opens": 0, "closes": 60}]
    ),
}
