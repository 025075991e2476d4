"""Hearing of a queue's changes. What changed is fetched over HTTP, and logged there."""

from server.kit.actor import Profession
from server.kit.permissions import Permission, Scope
from server.queueing import service as queueing
from signaling.connections import Connection, queue_room
from signaling.namespaces.context import Context
from signaling.namespaces.table import EventTable, Repeat
from signaling.wire.requests import Ack, QueueUnwatch, QueueWatch, QueueWatched

events = EventTable()


@events.on(
    "queue.watch", repeat=Repeat.SETS, staff=Permission.CLINICIAN, scope={"clinic_id": Scope.DUTY}
)
async def watch(ctx: Context, caller: Connection, asked: QueueWatch) -> QueueWatched:
    """Watch the queue of one's duty; a socket watches one at a time."""
    # Enter first: a change between the answer and the room would be heard by nobody.
    await stop_watching(ctx, caller)
    wanted = caller.watching = asked.clinic_id, asked.profession
    await ctx.sio.enter_room(caller.sid, queue_room(*wanted), caller.namespace)
    try:
        version = await ctx.database.read(
            queueing.watched_version, caller.actor, asked.clinic_id, Profession(asked.profession)
        )
    except BaseException:
        if caller.watching == wanted:  # not when the socket has asked for another meanwhile
            await stop_watching(ctx, caller)
        raise
    return QueueWatched(version=version)


@events.on("queue.unwatch", repeat=Repeat.SETS, staff=Permission.STAFF)
async def unwatch(ctx: Context, caller: Connection, _asked: QueueUnwatch) -> Ack:
    """Hear no more; no error when nothing was watched."""
    await stop_watching(ctx, caller)
    return Ack()


async def stop_watching(ctx: Context, caller: Connection) -> None:
    """Leave the room of the watched queue, if any."""
    if caller.watching is not None:
        watched, caller.watching = caller.watching, None
        await ctx.sio.leave_room(caller.sid, queue_room(*watched), caller.namespace)
