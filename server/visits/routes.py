"""Visits over HTTP: what both parties do, what patients do, what clinicians do."""

from server.kit.errors import NotFound
from server.kit.http import Context, RouteTable
from server.kit.ids import is_id
from server.kit.permissions import Permission, Scope
from server.queueing.answers import CommunicationIn
from server.queueing.domain import (
    AlreadyTaken,
    DutyOff,
    DutyPaused,
    NoCommission,
    QueueEmpty,
    RequeuedOnce,
    TicketGone,
)
from server.visits import service
from server.visits.domain import IllegalMove, NoteEmpty, NoteSigned, NoteStale, VisitClosed
from server.visits.payloads import (
    CallQualityOut,
    DutyIn,
    DutyOut,
    ModeIn,
    NoteIn,
    OverviewOut,
    SignIn,
    VisitListOut,
    VisitOut,
    VisitsQuery,
)

routes = RouteTable()

_PATIENT = "/api/v1/patient/visits/{visit_id}"
_STAFF = "/api/v1/staff/visits/{visit_id}"
_OWN = {"visit_id": Scope.PARTY}
# 20,000 characters, each of which JSON may write in twelve bytes.
_NOTE_LIMIT = 256 * 1024


@routes.get(
    "/api/v1/patient/overview",
    permission=Permission.PATIENT,
    summary="The patient's open tickets and visits",
)
async def overview(ctx: Context) -> OverviewOut:
    """What a client asks for first, to bring somebody back to where she was."""
    return OverviewOut.of(await ctx.db.read_logged(service.overview, ctx.actor))


@routes.get(
    "/api/v1/patient/visits",
    permission=Permission.PATIENT,
    summary="One's own visits, the newest first",
    errors=(NotFound,),
    scope={"before": Scope.ANYBODY},
)
@routes.get(
    "/api/v1/staff/visits",
    permission=Permission.CLINICIAN,
    summary="One's own visits, the newest first",
    errors=(NotFound,),
    scope={"before": Scope.ANYBODY},
)
async def visits(ctx: Context, query: VisitsQuery) -> VisitListOut:
    """A page of fifty; ``before`` is the last visit of the page before.

    What is no id at all is not found.
    """
    if query.before is not None and not is_id(query.before):
        raise NotFound("There is no such visit.")
    return VisitListOut.of(await ctx.db.read_logged(service.summaries, ctx.actor, query.before))


@routes.get(_PATIENT, permission=Permission.PATIENT, summary="One's own visit", scope=_OWN)
@routes.get(
    _STAFF, permission=Permission.CLINICIAN, summary="One's own visit; a line is logged", scope=_OWN
)
async def visit(ctx: Context, visit_id: str) -> VisitOut:
    """Everything that its party may know. Patients see the note once it is signed."""
    return VisitOut.of(await ctx.db.read_logged(service.visit_for, ctx.actor, visit_id))


@routes.get(
    _STAFF + "/call-quality",
    permission=Permission.CLINICIAN,
    summary="What the visit's call was like; a line is logged",
    scope=_OWN,
)
async def call_quality(ctx: Context, visit_id: str) -> CallQualityOut:
    """For each person: a word, and the figures behind it. Of the connections that are over."""
    return CallQualityOut.of(await ctx.db.read_logged(service.call_quality, ctx.actor, visit_id))


@routes.put(
    _PATIENT + "/mode",
    permission=Permission.PATIENT,
    summary="Go over to video or chat",
    errors=(VisitClosed,),
    scope=_OWN,
)
@routes.put(
    _STAFF + "/mode",
    permission=Permission.CLINICIAN,
    summary="Go over to video or chat",
    errors=(VisitClosed,),
    scope=_OWN,
)
async def set_mode(ctx: Context, visit_id: str, body: ModeIn) -> VisitOut:
    """Either may go over to chat, and back to video; both are told who and why.

    The reason is chosen by a person or found by the client, such as ``no_device``.
    """
    return await ctx.command(
        service.set_mode, ctx.actor, visit_id, body.mode, body.reason, out=VisitOut.of
    )


@routes.put(
    _PATIENT + "/communication",
    permission=Permission.PATIENT,
    summary="Say anew whether one speaks, signs or reads",
    errors=(VisitClosed, IllegalMove),
    scope=_OWN,
)
async def set_communication(ctx: Context, visit_id: str, body: CommunicationIn) -> VisitOut:
    """The clinician's page follows, and so do the call's pictures: who signs goes before others."""
    return await ctx.command(
        service.set_communication, ctx.actor, visit_id, body.communication, out=VisitOut.of
    )


@routes.post(
    _PATIENT + "/join",
    permission=Permission.PATIENT,
    summary="Answer the call, or come back",
    errors=(VisitClosed,),
    scope=_OWN,
)
async def join(ctx: Context, visit_id: str) -> VisitOut:
    """The first time begins the visit; again takes back that the patient left."""
    return await ctx.command(service.join, ctx.actor, visit_id, out=VisitOut.of)


@routes.post(
    _PATIENT + "/leave",
    permission=Permission.PATIENT,
    summary="Go away; the visit goes on until the clinician ends it",
    errors=(IllegalMove,),
    scope=_OWN,
)
async def leave(ctx: Context, visit_id: str) -> VisitOut:
    """The clinician is told. Joining again takes it back."""
    return await ctx.command(service.leave, ctx.actor, visit_id, out=VisitOut.of)


@routes.get(
    "/api/v1/staff/duty",
    permission=Permission.CLINICIAN,
    summary="One's own duty and open visits",
)
async def duty(ctx: Context) -> DutyOut:
    """Where one is on duty, since when, and one's visits that are open."""
    return DutyOut.of(await ctx.db.read_logged(service.duty, ctx.actor))


@routes.put(
    "/api/v1/staff/duty",
    permission=Permission.CLINICIAN,
    summary="Go on duty, pause, go off",
    errors=(NoCommission, DutyOff),
    scope={"clinic_id": Scope.COMMISSION},
)
async def set_duty(ctx: Context, body: DutyIn) -> DutyOut:
    """Going on takes a clinic and a profession of one's own commissions.

    Open visits stay open, whatever the duty, and the answer says which they are.
    """
    return await ctx.command(
        service.set_duty,
        ctx.actor,
        body.state,
        body.clinic_id,
        body.profession,
        out=DutyOut.of,
    )


@routes.post(
    "/api/v1/staff/queue/next",
    permission=Permission.CLINICIAN,
    status=201,
    summary="Take the next patient",
    errors=(QueueEmpty, DutyOff, DutyPaused),
)
async def call_next(ctx: Context) -> VisitOut:
    """Call whoever has waited longest and does not rest. Two never get the same patient."""
    return await ctx.command(service.call_next, ctx.actor, out=VisitOut.of)


@routes.post(
    "/api/v1/staff/queue-tickets/{ticket_id}/take",
    permission=Permission.CLINICIAN,
    status=201,
    summary="Take this patient",
    errors=(AlreadyTaken, TicketGone, DutyOff, DutyPaused),
    scope={"ticket_id": Scope.DUTY},
)
async def take(ctx: Context, ticket_id: str) -> VisitOut:
    """Call a chosen patient of the duty's queue, also one who rests."""
    return await ctx.command(service.take, ctx.actor, ticket_id, out=VisitOut.of)


@routes.post(
    _STAFF + "/confirm-identity",
    permission=Permission.CLINICIAN,
    summary="Note that it is the right patient",
    errors=(IllegalMove,),
    scope=_OWN,
)
async def confirm_identity(ctx: Context, visit_id: str) -> VisitOut:
    """Name and birth date were spoken, and they were those on the screen."""
    return await ctx.command(service.confirm_identity, ctx.actor, visit_id, out=VisitOut.of)


@routes.post(
    _STAFF + "/no-answer",
    permission=Permission.CLINICIAN,
    summary="Put a patient who did not answer back in the queue, once",
    errors=(RequeuedOnce, IllegalMove),
    scope=_OWN,
)
async def no_answer(ctx: Context, visit_id: str) -> VisitOut:
    """Only while the patient is called. Who comes back keeps the arrival and rests for a while."""
    return await ctx.command(service.no_answer, ctx.actor, visit_id, out=VisitOut.of)


@routes.post(
    _STAFF + "/no-show",
    permission=Permission.CLINICIAN,
    summary="Close the case of a patient who never came",
    errors=(IllegalMove,),
    scope=_OWN,
)
async def no_show(ctx: Context, visit_id: str) -> VisitOut:
    """Uteblivet besök: nobody came, and nobody is called again. Nothing may be noted."""
    return await ctx.command(service.no_show, ctx.actor, visit_id, out=VisitOut.of)


@routes.post(
    _STAFF + "/return",
    permission=Permission.CLINICIAN,
    summary="Put the called patient back in the queue",
    errors=(IllegalMove,),
    scope=_OWN,
)
async def give_back(ctx: Context, visit_id: str) -> VisitOut:
    """Only while the patient is called, who keeps the place and does not rest."""
    return await ctx.command(service.give_back, ctx.actor, visit_id, out=VisitOut.of)


@routes.post(
    _STAFF + "/end",
    permission=Permission.CLINICIAN,
    summary="End the visit",
    errors=(IllegalMove,),
    scope=_OWN,
)
async def end(ctx: Context, visit_id: str) -> VisitOut:
    """The meeting is over for both; the note may follow. A second time is refused."""
    return await ctx.command(service.end, ctx.actor, visit_id, out=VisitOut.of)


@routes.put(
    _STAFF + "/note",
    permission=Permission.CLINICIAN,
    summary="Save a draft of the note",
    errors=(NoteStale, NoteSigned, IllegalMove),
    limit=_NOTE_LIMIT,
    scope=_OWN,
)
async def save_note(ctx: Context, visit_id: str, body: NoteIn) -> VisitOut:
    """Every save is a version, made on top of the one that was read: ``version``, at first 0.

    If somebody saved meanwhile, the answer is what is stored now and nothing is lost.
    """
    try:
        return await ctx.command(
            service.save_note, ctx.actor, visit_id, body.text, body.version, out=VisitOut.of
        )
    except NoteStale:
        raise await _stale(ctx, visit_id) from None


@routes.post(
    _STAFF + "/note/sign",
    permission=Permission.CLINICIAN,
    summary="Sign the note: the visit is documented",
    errors=(NoteStale, NoteSigned, NoteEmpty, IllegalMove),
    scope=_OWN,
)
async def sign_note(ctx: Context, visit_id: str, body: SignIn) -> VisitOut:
    """What is signed is the version that was read. After this the note is not changed."""
    try:
        return await ctx.command(
            service.sign_note, ctx.actor, visit_id, body.version, out=VisitOut.of
        )
    except NoteStale:
        raise await _stale(ctx, visit_id) from None


async def _stale(ctx: Context, visit_id: str) -> NoteStale:
    # The error carries the note, so it is a read like any other: no line, no note.
    return await ctx.db.read_logged(service.stale_note, ctx.actor, visit_id)
