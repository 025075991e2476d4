"""Call signalling: parse, admit, and let the rooms decide."""

from collections.abc import Awaitable, Callable

from server.accounts.domain import given_name
from server.guests import service as guests
from server.kit.actor import Actor, Audience
from server.kit.db import UnitOfWork
from server.kit.permissions import Permission, Scope, Scopes
from server.queueing.domain import Channel
from server.visits import service as visits
from server.visits.domain import Role, VisitClosed, VisitState
from signaling.connections import Connection
from signaling.namespaces.context import Context
from signaling.namespaces.table import EventTable, H, Repeat
from signaling.rooms.errors import CallNotVideo
from signaling.rooms.legs import Party, Switches
from signaling.wire.requests import (
    Ack,
    CallAnswer,
    CallJoin,
    CallJoined,
    CallKeys,
    CallLeave,
    CallRestart,
    CallRestarted,
    CallState,
    LegRef,
)

events = EventTable()

_VISIT = {"visit_id": Scope.PARTY}
_LEG = _VISIT | {"leg_id": Scope.OWNER}


def _on(name: str, repeat: Repeat, scope: Scopes, *, omits: bool = False) -> Callable[[H], H]:
    """For all who may be in a call. Of guests only those who are admitted get as far as a leg."""
    return events.on(
        name,
        repeat=repeat,
        patient=Permission.PATIENT,
        staff=Permission.CLINICIAN,
        guest=Permission.GUEST,
        scope=scope,
        omits=omits,
    )


@_on("call.join", Repeat.REPLACES, _VISIT)
async def join(ctx: Context, caller: Connection, asked: CallJoin) -> CallJoined:
    """Open a leg in a visit that is in progress and held as video."""

    return await ctx.calls.join(
        asked.visit_id,
        caller.actor.account_id,
        caller.sid,
        _admission(ctx, caller, asked.visit_id),
        asked.public_key,
    )


@_on("call.answer", Repeat.SETS, _LEG)
async def answer(ctx: Context, caller: Connection, asked: CallAnswer) -> Ack:
    """Take the browser's answer to the worker."""
    await _claim(ctx, caller, asked)
    await ctx.calls.answer(
        caller.actor.account_id, caller.sid, asked.visit_id, asked.leg_id, asked.sdp
    )
    return Ack()


@_on("call.restart", Repeat.REPLACES, _LEG)
async def restart(ctx: Context, caller: Connection, asked: CallRestart) -> CallRestarted:
    """A new offer for a leg whose path broke."""
    await _claim(ctx, caller, asked)
    sdp = await ctx.calls.restart(caller.actor.account_id, caller.sid, asked.visit_id, asked.leg_id)
    return CallRestarted(sdp=sdp)


@_on("call.state", Repeat.SETS, _LEG)
async def state(ctx: Context, caller: Connection, asked: CallState) -> Ack:
    """Tell the other party what is switched on; a tab that came back thereby claims its leg."""
    await _claim(ctx, caller, asked)
    ctx.calls.set_state(
        caller.actor.account_id,
        caller.sid,
        asked.visit_id,
        asked.leg_id,
        Switches(
            mic_on=asked.mic_on,
            camera_on=asked.camera_on,
            pictures_wanted=asked.pictures_wanted,
            sound_first=asked.sound_first,
            on_hold=asked.on_hold,
        ),
        screen_on=asked.screen_on,
    )
    return Ack()


@_on("call.keys", Repeat.PASSES, _LEG | {"participant_id": Scope.PARTY})
async def keys(ctx: Context, caller: Connection, asked: CallKeys) -> Ack:
    """Carry what devices say to each other past the server. Who is not in the call gets none."""
    await _claim(ctx, caller, asked)
    messages = {each.participant_id: each.sealed for each in asked.messages}
    ctx.calls.pass_on(caller.actor.account_id, caller.sid, asked.visit_id, asked.leg_id, messages)
    return Ack()


@_on("call.leave", Repeat.SETS, _LEG, omits=True)
async def leave(ctx: Context, caller: Connection, asked: CallLeave) -> Ack:
    """Close one's own leg; the visit goes on. Leaving again is no error."""
    await ctx.calls.leave(caller.actor.account_id, asked.visit_id, asked.leg_id)
    return Ack()


def _admission(ctx: Context, caller: Connection, visit_id: str) -> Callable[[], Awaitable[Party]]:
    async def admit() -> Party:
        if caller.actor.audience is Audience.GUEST:
            return await ctx.database.read_logged(_guest, caller.actor, visit_id)
        return await ctx.database.read_promptly(_party, caller.actor, visit_id)

    return admit


async def _claim(ctx: Context, caller: Connection, asked: LegRef) -> None:
    """The leg may be one that another server spoke for until now."""
    await ctx.calls.claim(
        caller.actor.account_id,
        caller.sid,
        asked.visit_id,
        asked.leg_id,
        _admission(ctx, caller, asked.visit_id),
    )


def _party(uow: UnitOfWork, actor: Actor, visit_id: str) -> Party:
    at = visits.standing(uow, actor, visit_id)
    _require_call(at.state, at.mode)
    if at.role is Role.PATIENT:
        return Party(
            at.visit_id,
            "patient",
            at.patient_id,
            given_name(actor.name),
            at.clinician_id,
            at.communication.value,
        )
    return Party(at.visit_id, "clinician", at.clinician_id, actor.name, at.patient_id)


def _guest(uow: UnitOfWork, actor: Actor, visit_id: str) -> Party:
    at = guests.enter_call(uow, actor, visit_id)
    _require_call(at.visit_state, at.mode)
    return Party(
        at.visit_id, at.role.value, at.guest_id, at.name, communication=at.communication.value
    )


def _require_call(state: VisitState, mode: Channel) -> None:
    if state is not VisitState.IN_PROGRESS:
        raise VisitClosed("There is no call in this visit now.", state=state.value)
    if mode is not Channel.VIDEO:
        raise CallNotVideo("The visit is held as chat.")
