"""The conversation of a visit: exactly once, in one order for both, never changed."""

from dataclasses import replace

from server.accounts import service as accounts
from server.audit import service as audit
from server.kit import events
from server.kit.actor import Actor, Audience
from server.kit.db import UnitOfWork
from server.kit.text import iso
from server.messages import store
from server.messages.domain import (
    IdReuse,
    Message,
    MessagePosted,
    Sender,
    clean_body,
    clean_client_id,
)
from server.visits import service as visits
from server.visits.domain import Visit, VisitLine

PAGE = 200


def post(uow: UnitOfWork, actor: Actor, visit_id: str, client_id: str, body: str) -> Message:
    """Add a line, or return the one that this ``client_id`` made before.

    Raises ``VisitClosed`` when the visit is over, ``IdReuse`` when the id came with another body.
    A repeat is answered also after the visit's end: its first sending was in time.
    """
    body, client_id = clean_body(body), clean_client_id(client_id)
    # The visit's row is locked, so that a repeat that arrives meanwhile sees the first.
    visit = visits.open_to_write(uow, actor, visit_id)
    _log(uow, actor, "write", visit)
    known = store.find(uow.conn, visit.id, actor.account_id, client_id)
    if known is not None:
        if known.body != body:
            raise IdReuse("This client_id came before with another body.", field="client_id")
        return replace(known, sender_name=actor.name)
    visits.require_open(visit)
    sender = Sender.PATIENT if actor.audience is Audience.PATIENT else Sender.CLINICIAN
    return _add(uow, visit, sender, body, actor, client_id)


def since(
    uow: UnitOfWork, actor: Actor, visit_id: str, after: int = 0, limit: int = PAGE
) -> tuple[list[Message], int]:
    """The lines after a number, at most ``limit``, and the conversation's last number."""
    visit = visits.find(uow, actor, visit_id)
    visits.require_relation(uow, actor, visit)
    _log(uow, actor, "read", visit)
    found = store.since(uow.conn, visit.id, after, min(max(limit, 1), PAGE))
    people = accounts.get_many(uow, {visit.patient_id, visit.clinician_id})
    named = [
        replace(line, sender_name=people[line.sender_account].name if line.sender_account else None)
        for line in found
    ]
    return named, max(visit.last_seq, named[-1].seq if named else 0)


def post_system(uow: UnitOfWork, visit: Visit, code: str) -> Message:
    """Add a line of the system: a code such as ``joined.patient`` that clients word."""
    return _add(uow, visit, Sender.SYSTEM, code)


def _add(
    uow: UnitOfWork,
    visit: Visit,
    sender: Sender,
    body: str,
    actor: Actor | None = None,
    client_id: str | None = None,
) -> Message:
    message = Message(
        visit_id=visit.id,
        seq=visits.next_seq(uow, visit.id),
        client_id=client_id,
        sender=sender,
        sender_account=actor.account_id if actor else None,
        sender_name=actor.name if actor else None,
        body=body,
        sent_at=uow.now,
    )
    store.insert(uow.conn, message)
    uow.emit(
        MessagePosted(
            visit_id=visit.id,
            patient_id=visit.patient_id,
            clinician_id=visit.clinician_id,
            seq=message.seq,
            client_id=client_id,
            sender=sender.value,
            sender_name=message.sender_name,
            body=body,
            sent_at=iso(message.sent_at),
        )
    )
    return message


def _log(uow: UnitOfWork, actor: Actor, action: str, visit: Visit) -> None:
    audit.record(
        uow, actor, visit.patient_id, action, "messages", visit.id, clinic_id=visit.clinic_id
    )


def _on_line(uow: UnitOfWork, event: VisitLine) -> None:
    """In-unit hook: what happens to a visit is a line of its conversation."""
    visit = visits.for_system(uow, event.visit_id)
    if visit is not None:
        post_system(uow, visit, event.code)


events.on(VisitLine, _on_line)
