"""The visit's note (journalanteckning): drafts in versions, then signed."""

from dataclasses import replace

from server.kit.actor import Actor
from server.kit.db import UnitOfWork
from server.kit.errors import Invalid
from server.kit.text import without_controls
from server.visits import domain, store
from server.visits.domain import NOTE_LENGTH, NoteEmpty, NoteStale, Visit, VisitView
from server.visits.service_common import apply, find, hold, log, require_relation, view


def save_note(uow: UnitOfWork, actor: Actor, visit_id: str, text: str, version: int) -> VisitView:
    """Keep a draft that was written on top of ``version`` (0: none before)."""
    before = hold(uow, actor, visit_id)
    domain.require_notable(before)
    require_relation(uow, actor, before)
    text = without_controls(text)
    if len(text) > NOTE_LENGTH:
        raise Invalid(f"A note has at most {NOTE_LENGTH} characters.", field="text")
    visit, current = before, _current(uow, before, version)
    if text != current:
        visit = apply(uow, before, replace(before, note_version=version + 1))
        store.add_note(uow.conn, visit.id, visit.note_version, text, actor.account_id, uow.now)
    log(uow, actor, "note", visit)
    return view(uow, actor, visit)


def sign_note(uow: UnitOfWork, actor: Actor, visit_id: str, version: int) -> VisitView:
    """Sign the version one has read. The visit is documented.

    The care relation stays: who met the patient may have to read up on it. It ends by itself after
    the configured days (`VARDRUM_RELATION_DAYS`).
    """
    before = hold(uow, actor, visit_id)
    domain.require_notable(before)
    require_relation(uow, actor, before)
    after = domain.signed(before, actor.account_id, uow.now)
    if not _current(uow, before, version).strip():
        raise NoteEmpty("An empty note can't be signed.", field="text")
    visit = apply(uow, before, after)
    log(uow, actor, "sign", visit)
    return view(uow, actor, visit)


def stale_note(uow: UnitOfWork, actor: Actor, visit_id: str) -> NoteStale:
    """What to tell whoever wrote on top of an old version, with what is stored; logged as a read.

    A unit of its own, since the one that refused was rolled back, and its line with it.
    """
    visit = find(uow, actor, visit_id)
    require_relation(uow, actor, visit)
    log(uow, actor, "read", visit)
    stored = store.note(uow.conn, visit.id, visit.note_version)
    return NoteStale(
        "The note was saved elsewhere meanwhile.",
        version=visit.note_version,
        text=stored[0] if stored else "",
    )


def _current(uow: UnitOfWork, visit: Visit, version: int) -> str:
    """The stored text; ``NoteStale``, which says nothing of it, if that is not of ``version``."""
    stored = store.note(uow.conn, visit.id, visit.note_version)
    text = stored[0] if stored else ""
    if version != visit.note_version:
        raise NoteStale("The note was saved elsewhere meanwhile.", version=visit.note_version)
    return text
