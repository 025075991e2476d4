"""The heartbeat: the client says what it holds and learns where everything stands.

The answer holds numbers only, so it is no read of a patient's data; what differs is fetched over
HTTP, through the access log.
"""

from collections.abc import Sequence

from server.guests import service as guests
from server.guests.domain import AWAY_AFTER
from server.kit.actor import Actor, Audience, Profession
from server.kit.db import UnitOfWork
from server.kit.errors import Conflict, NotFound, Unauthenticated
from server.kit.permissions import Permission, Scope
from server.queueing import service as queueing
from server.visits import service as visits
from server.visits.domain import Role, Standing, VisitState
from signaling.connections import Connection
from signaling.namespaces.context import Context
from signaling.namespaces.table import EventTable, Repeat
from signaling.presence.pairs import Pair
from signaling.wire.hints import GuestStanding
from signaling.wire.requests import KnownQueue, KnownTicket, Sync, Synced, VisitNow

events = EventTable()
_TOGETHER = frozenset({VisitState.CALLED, VisitState.IN_PROGRESS})


@events.on(
    "sync",
    repeat=Repeat.READS,
    patient=Permission.PATIENT,
    staff=Permission.STAFF,
    guest=Permission.GUEST,
    scope={"visit_id": Scope.PARTY, "ticket_id": Scope.OWNER, "clinic_id": Scope.DUTY},
    omits=True,
)
async def sync(ctx: Context, caller: Connection, asked: Sync) -> Synced:
    """Versions of what is the caller's own; the rest is left out as if it did not exist."""
    if caller.actor.audience is Audience.GUEST:
        return await _sync_guest(ctx, caller)
    ended = ctx.pairs.ended
    standings, lists, lobbies, tickets, queue = await ctx.database.read_promptly(
        _look, caller.actor, asked
    )
    # Waiting and meeting are use: nobody is logged out for listening. A page left open is not.
    in_use = tickets or queue is not None or any(at.state in _TOGETHER for at in standings)
    if in_use and not await ctx.keep_alive(caller):
        raise Unauthenticated("The session has ended.")
    if ended == ctx.pairs.ended:  # else one of these may be over by now: the next heartbeat tells
        for at in standings:
            if at.state in _TOGETHER:
                ctx.pairs.note(Pair(at.visit_id, at.patient_id, at.clinician_id), is_open=True)
    return Synced(
        visits=[
            _now(ctx, at, lists.get(at.visit_id, 0), lobbies.get(at.visit_id, ()))
            for at in standings
        ],
        tickets=[KnownTicket(ticket_id=key, version=value) for key, value in tickets.items()],
        queue=queue,
        guest=None,
    )


async def _sync_guest(ctx: Context, caller: Connection) -> Synced:
    """A guest has one thing to ask about, and needs not name it."""
    if not await ctx.keep_alive(caller):
        raise Unauthenticated("The session has ended.")
    at = await ctx.database.read_promptly(guests.standing, caller.actor)
    standing = GuestStanding(
        guest_id=at.guest_id, version=at.version, state=at.state.value, mode=at.mode.value
    )
    return Synced(visits=[], tickets=[], queue=None, guest=standing)


def _look(
    uow: UnitOfWork, actor: Actor, asked: Sync
) -> tuple[list[Standing], dict[str, int], dict[str, list[str]], dict[str, int], KnownQueue | None]:
    standings = visits.standings(uow, actor, list({each.visit_id for each in asked.visits}))
    lists = guests.versions(uow, [at.visit_id for at in standings])
    # Who has just come may not have had the time for a socket.
    lobbies = guests.waiting_since(uow, list(lists), uow.now - AWAY_AFTER)
    tickets: dict[str, int] = {}
    queue = None
    if actor.audience is Audience.PATIENT and asked.tickets:
        tickets = queueing.versions(uow, actor, list({each.ticket_id for each in asked.tickets}))
    if actor.audience is Audience.STAFF and asked.queue is not None:
        queue = _queue(uow, actor, asked.queue)
    return standings, lists, lobbies, tickets, queue


def _queue(uow: UnitOfWork, actor: Actor, known: KnownQueue) -> KnownQueue | None:
    try:
        version = queueing.watched_version(
            uow, actor, known.clinic_id, Profession(known.profession)
        )
    except (NotFound, Conflict):
        # Off duty, or on duty elsewhere: no longer the caller's.
        return None
    return KnownQueue(clinic_id=known.clinic_id, profession=known.profession, version=version)


def _now(ctx: Context, at: Standing, guests_version: int, lobby: Sequence[str]) -> VisitNow:
    peer = at.clinician_id if at.role is Role.PATIENT else at.patient_id
    together = at.state in _TOGETHER
    return VisitNow(
        visit_id=at.visit_id,
        version=at.version,
        last_seq=at.last_seq,
        guests_version=guests_version,
        guests_away=[guest_id for guest_id in lobby if not ctx.presence.is_online(guest_id)],
        peer_online=together and ctx.presence.is_online(peer),
        peer_in_call=ctx.calls.in_call(at.visit_id, peer),
    )
