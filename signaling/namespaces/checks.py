"""Testing one's equipment: one's own sound and picture come back, by way of the real relay."""

from server.kit.permissions import Permission, Scope
from signaling.connections import Connection
from signaling.namespaces.context import Context
from signaling.namespaces.table import EventTable, Repeat
from signaling.wire.requests import Ack, CheckAnswer, CheckJoin, CheckJoined, CheckLeave

events = EventTable()

_CHECK = {"check_id": Scope.OWNER}


@events.on(
    "check.join", repeat=Repeat.REPLACES, patient=Permission.PATIENT, staff=Permission.CLINICIAN
)
async def join(ctx: Context, caller: Connection, asked: CheckJoin) -> CheckJoined:
    """Open an echo; the one that the account has is replaced."""
    return await ctx.echoes.join(caller.actor.account_id, caller.sid)


@events.on(
    "check.answer",
    repeat=Repeat.SETS,
    patient=Permission.PATIENT,
    staff=Permission.CLINICIAN,
    scope=_CHECK,
)
async def answer(ctx: Context, caller: Connection, asked: CheckAnswer) -> Ack:
    """Take the browser's answer to the worker."""
    await ctx.echoes.answer(caller.actor.account_id, asked.check_id, asked.sdp)
    return Ack()


@events.on(
    "check.leave",
    repeat=Repeat.SETS,
    patient=Permission.PATIENT,
    staff=Permission.CLINICIAN,
    scope=_CHECK,
    omits=True,
)
async def leave(ctx: Context, caller: Connection, asked: CheckLeave) -> Ack:
    """End one's own echo. Leaving again is no error."""
    await ctx.echoes.leave(caller.actor.account_id, asked.check_id)
    return Ack()
