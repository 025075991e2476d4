"""Writing a line. The same use case as over HTTP, so a repeat by either way is one line."""

from server.kit.permissions import Permission, Scope
from server.messages import service as messages
from server.messages.domain import Message
from signaling.connections import Connection
from signaling.namespaces.context import Context
from signaling.namespaces.table import EventTable, Repeat
from signaling.wire.hints import ChatMessage
from signaling.wire.requests import MessageSend, MessageSent

events = EventTable()


@events.on(
    "message.send",
    repeat=Repeat.KEYED,
    patient=Permission.PATIENT,
    staff=Permission.CLINICIAN,
    scope={"visit_id": Scope.PARTY, "client_id": Scope.ANYBODY},
)
async def send(ctx: Context, caller: Connection, asked: MessageSend) -> MessageSent:
    """Post; the ack carries the line as stored, also when it was stored before."""
    stored = await ctx.database.write(
        messages.post, caller.actor, asked.visit_id, asked.client_id, asked.body
    )
    return MessageSent(message=_on_wire(stored))


def _on_wire(message: Message) -> ChatMessage:
    return ChatMessage(
        visit_id=message.visit_id,
        seq=message.seq,
        client_id=message.client_id,
        sender=message.sender.value,
        sender_name=message.sender_name,
        body=message.body,
        sent_at=message.sent_at,
    )
