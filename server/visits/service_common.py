"""What the visits' use cases share: finding one's visit, writing a move, looking at it."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from server.access import service as access
from server.accounts import service as accounts
from server.audit import service as audit
from server.clinics import service as clinics
from server.clinics.domain import STOCKHOLM
from server.kit.actor import Actor, Audience
from server.kit.db import UnitOfWork
from server.kit.errors import NotFound
from server.queueing import service as queueing
from server.visits import store
from server.visits.domain import (
    Clinician,
    Note,
    Patient,
    Role,
    Visit,
    VisitChanged,
    VisitEvent,
    VisitLine,
    VisitState,
    VisitView,
)


def role_of(actor: Actor) -> Role:
    """On which side of a visit the actor sits."""
    return Role.PATIENT if actor.audience is Audience.PATIENT else Role.CLINICIAN


def is_party(actor: Actor, visit: Visit) -> bool:
    """Whether the visit is the actor's own."""
    own = visit.patient_id if actor.audience is Audience.PATIENT else visit.clinician_id
    return own == actor.account_id


def find(uow: UnitOfWork, actor: Actor, visit_id: str, *, lock: bool = False) -> Visit:
    """The actor's visit, locked against other units when ``lock``; any other does not exist."""
    visit = store.get(uow.conn, visit_id, lock=lock)
    if visit is None or not is_party(actor, visit):
        raise NotFound("There is no such visit.")
    return visit


def require_relation(uow: UnitOfWork, actor: Actor, visit: Visit) -> None:
    """``NotFound`` once the actor takes no part in the patient's care any more.

    What a visit was about outlives the care relation only as a line in the clinician's own list;
    its conversation and its note are the patient's (docs/rules.md: never a read without one).
    """
    access.require_relation(uow, actor, visit.patient_id)


def hold(uow: UnitOfWork, actor: Actor, visit_id: str, *, queue: bool = False) -> Visit:
    """The actor's visit, locked. ``queue``: the ticket will move too.

    Whoever leaves the queue locks the queue first and the visit after, so this does the same.
    """
    if queue:
        known = find(uow, actor, visit_id)
        queueing.hold_queue(uow, known.clinic_id, known.profession)
    return find(uow, actor, visit_id, lock=True)


def apply(uow: UnitOfWork, before: Visit, after: Visit, line: str | None = None) -> Visit:
    """Write the move, tell the conversation and then the world. Nothing changed: nothing told."""
    if after == before:
        return before
    after = replace(after, version=before.version + 1)
    store.update(uow.conn, after)
    if line is not None:
        uow.emit(
            VisitLine(
                visit_id=after.id,
                patient_id=after.patient_id,
                clinician_id=after.clinician_id,
                code=line,
            )
        )
        # The line took a number in the conversation, which the change tells too.
        after = store.get(uow.conn, after.id) or after
    tell(uow, VisitChanged, after)
    return after


def tell(uow: UnitOfWork, event: type[VisitEvent], visit: Visit) -> None:
    """Emit where the visit stands."""
    uow.emit(
        event(
            visit_id=visit.id,
            patient_id=visit.patient_id,
            clinician_id=visit.clinician_id,
            version=visit.version,
            state=visit.state.value,
            mode=visit.mode.value,
            mode_reason=visit.mode_reason.value if visit.mode_reason else None,
            mode_by=visit.mode_by.value if visit.mode_by else None,
            last_seq=visit.last_seq,
            patient_left=visit.patient_left_at is not None,
            communication=visit.communication.value,
        )
    )


def log(uow: UnitOfWork, actor: Actor, action: str, visit: Visit, resource: str = "visit") -> None:
    """A line in the patient's access log about one visit, or what is kept beside it."""
    audit.record(
        uow, actor, visit.patient_id, action, resource, visit.id, clinic_id=visit.clinic_id
    )


def log_list(uow: UnitOfWork, actor: Actor, action: str, visits: Iterable[Visit]) -> None:
    """A line for each patient in a list, in the order of their ids, which is that of the locks."""
    newest = {visit.patient_id: visit for visit in reversed(list(visits))}
    for patient_id in sorted(newest):
        log(uow, actor, action, newest[patient_id])
    if not newest:
        if actor.audience is Audience.PATIENT:
            audit.record(uow, actor, actor.account_id, action, "account", actor.account_id)
        else:
            # An empty list tells of no patient: there is nobody whose log could have a line.
            uow.logged = True


@dataclass(frozen=True, slots=True)
class Around:
    """What a view of visits shows beside them. ``shown``: the patients whom the actor may see."""

    people: Mapping[str, accounts.Account]
    clinic_names: Mapping[str, str]
    shown: Set[str]
    requeues: Mapping[str, int]
    """How often each called patient went back to the queue, by ticket."""


def view(uow: UnitOfWork, actor: Actor, visit: Visit) -> VisitView:
    """The visit as the actor may see it, with its note; for a clinician with the equipment too."""
    around = _around(uow, actor, [visit])
    shown = visit.patient_id in around.shown
    return replace(
        seen(uow, visit, around),
        note=_note(uow, actor, visit, around),
        equipment=queueing.equipment_of(uow, visit.ticket_id) if shown else None,
    )


def views(uow: UnitOfWork, actor: Actor, visits: Sequence[Visit]) -> list[VisitView]:
    """The visits as the actor may see them, without notes."""
    around = _around(uow, actor, visits)
    return [seen(uow, visit, around) for visit in visits]


def seen(uow: UnitOfWork, visit: Visit, around: Around) -> VisitView:
    """The visit as it is seen by whom ``around`` was gathered for, without its note."""
    clinician, patient = around.people[visit.clinician_id], around.people[visit.patient_id]
    rules = queueing.rules_at(uow.now)
    today = uow.now.astimezone(STOCKHOLM).date()
    return VisitView(
        visit=visit,
        clinic_name=around.clinic_names[visit.clinic_id],
        clinician=Clinician(name=clinician.name, title=clinician.title or ""),
        patient=Patient(
            name=patient.name,
            birth_date=patient.birth_date,
            age=accounts.age_on(patient.birth_date, today),
        )
        if visit.patient_id in around.shown and patient.birth_date is not None
        else None,
        note=None,
        answer_by=visit.called_at + rules.answer_within,
        requeue_possible=visit.state is VisitState.CALLED
        and around.requeues[visit.ticket_id] < rules.requeues,
    )


def _around(uow: UnitOfWork, actor: Actor, visits: Sequence[Visit]) -> Around:
    if not visits:
        return Around({}, {}, frozenset(), {})
    patients = {visit.patient_id for visit in visits}
    return Around(
        people=accounts.get_many(uow, patients | {visit.clinician_id for visit in visits}),
        clinic_names={each: clinics.name_of(uow, each) for each in {v.clinic_id for v in visits}},
        # Whom the clinician has a care relation with. Patients know themselves.
        shown=access.related(uow, actor, patients) if actor.audience is Audience.STAFF else set(),
        requeues={
            visit.ticket_id: queueing.ticket_of(uow, visit.ticket_id).requeues
            for visit in visits
            if visit.state is VisitState.CALLED
        },
    )


def _note(uow: UnitOfWork, actor: Actor, visit: Visit, around: Around) -> Note | None:
    if actor.audience is Audience.PATIENT:
        hidden = visit.note_signed_at is None
    else:
        hidden = visit.patient_id not in around.shown
    if hidden or not visit.note_version:
        return None
    stored = store.note(uow.conn, visit.id, visit.note_version)
    if stored is None:
        return None
    text, saved_at = stored
    signer = accounts.get(uow, visit.note_signed_by).name if visit.note_signed_by else None
    return Note(
        text=text,
        version=visit.note_version,
        signed_at=visit.note_signed_at,
        signed_by=signer,
        updated_at=saved_at,
    )
