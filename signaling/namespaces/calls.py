"""Call signalling: parse, admit, and let the rooms decide."""

from server.accounts.domain import given_name
from server.kit.permissions import Permission, Scope
from server.queueing.domain import Channel
from server.visits import service as visits
from server.visits.domain import Role, VisitClosed, VisitState
from signaling.connections import Connection
from signaling.namespaces.context import Context
from signaling.namespaces.table import EventTable
from signaling.rooms.errors import CallNotVideo
from signaling.rooms.legs import Party
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
)

events = EventTable()

_VISIT = {"visit_id": Scope.PARTY}
_LEG = _VISIT | {"leg_id": Scope.OWNER}


@events.on("call.join", patient=Permission.PATIENT, staff=Permission.CLINICIAN, scope=_VISIT)
async def join(ctx: Context, caller: Connection, asked: CallJoin) -> CallJoined:
    """Open a leg in a visit that is in progress and held as video."""

    async def admit() -> Party:
        at = await ctx.database.read(visits.standing, caller.actor, asked.visit_id)
        if at.state is not VisitState.IN_PROGRESS:
            raise VisitClosed("There is no call in this visit now.", state=at.state.value)
        if at.mode is not Channel.VIDEO:
            raise CallNotVideo("The visit is held as chat.")
        name = caller.actor.name
        if at.role is Role.PATIENT:
            return Party(at.visit_id, "patient", at.patient_id, given_name(name), at.clinician_id)
        return Party(at.visit_id, "clinician", at.clinician_id, name, at.patient_id)

    return await ctx.calls.join(
        asked.visit_id, caller.actor.account_id, caller.sid, admit, asked.public_key
    )


@events.on("call.answer", patient=Permission.PATIENT, staff=Permission.CLINICIAN, scope=_LEG)
async def answer(ctx: Context, caller: Connection, asked: CallAnswer) -> Ack:
    """Take the browser's answer to the worker."""
    await ctx.calls.answer(
        caller.actor.account_id, caller.sid, asked.visit_id, asked.leg_id, asked.sdp
    )
    return Ack()


@events.on("call.restart", patient=Permission.PATIENT, staff=Permission.CLINICIAN, scope=_LEG)
async def restart(ctx: Context, caller: Connection, asked: CallRestart) -> CallRestarted:
    """A new offer for a leg whose path broke."""
    sdp = await ctx.calls.restart(caller.actor.account_id, caller.sid, asked.visit_id, asked.leg_id)
    return CallRestarted(sdp=sdp)


@events.on("call.state", patient=Permission.PATIENT, staff=Permission.CLINICIAN, scope=_LEG)
async def state(ctx: Context, caller: Connection, asked: CallState) -> Ack:
    """Tell the other party what is switched on; a tab that came back thereby claims its leg."""
    ctx.calls.set_state(
        caller.actor.account_id,
        caller.sid,
        asked.visit_id,
        asked.leg_id,
        mic_on=asked.mic_on,
        camera_on=asked.camera_on,
        screen_on=asked.screen_on,
    )
    return Ack()


@events.on(
    "call.keys",
    patient=Permission.PATIENT,
    staff=Permission.CLINICIAN,
    scope=_LEG | {"participant_id": Scope.PARTY},
)
async def keys(ctx: Context, caller: Connection, asked: CallKeys) -> Ack:
    """Carry what devices say to each other past the server. Who is not in the call gets none."""
    messages = {each.participant_id: each.sealed for each in asked.messages}
    ctx.calls.pass_on(caller.actor.account_id, caller.sid, asked.visit_id, asked.leg_id, messages)
    return Ack()


@events.on(
    "call.leave", patient=Permission.PATIENT, staff=Permission.CLINICIAN, scope=_LEG, omits=True
)
async def leave(ctx: Context, caller: Connection, asked: CallLeave) -> Ack:
    """Close one's own leg; the visit goes on. Leaving again is no error."""
    await ctx.calls.leave(caller.actor.account_id, asked.visit_id, asked.leg_id)
    return Ack()
