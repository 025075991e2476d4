"""The conversation over HTTP: the floor that stands when the socket is blocked."""

from server.kit.http import Context, RouteTable
from server.kit.permissions import Permission, Scope
from server.messages import service
from server.messages.domain import IdReuse
from server.messages.payloads import MessageIn, MessageOut, MessagesOut, SinceQuery
from server.visits.domain import VisitClosed

routes = RouteTable()

_PATIENT = "/api/v1/patient/visits/{visit_id}/messages"
_STAFF = "/api/v1/staff/visits/{visit_id}/messages"
_OWN = {"visit_id": Scope.PARTY}
_LINE = _OWN | {"client_id": Scope.ANYBODY}
# Up to here a text that is far too long is told so by its field; JSON may take 12 bytes a sign.
_LIMIT = 2 * 1024 * 1024


@routes.get(
    _PATIENT, permission=Permission.PATIENT, summary="The conversation after a number", scope=_OWN
)
@routes.get(
    _STAFF, permission=Permission.CLINICIAN, summary="The conversation after a number", scope=_OWN
)
async def messages(ctx: Context, visit_id: str, query: SinceQuery) -> MessagesOut:
    """Lines in order, from the one after ``after``. ``last_seq`` says whether there are more.

    This is the floor that stands when the socket is blocked: poll it with the last number seen.
    """
    return MessagesOut.of(
        await ctx.db.read_logged(service.since, ctx.actor, visit_id, query.after, query.limit)
    )


@routes.post(
    _PATIENT,
    permission=Permission.PATIENT,
    status=201,
    summary="Write a line; the same client_id gives the same line",
    limit=_LIMIT,
    scope=_LINE,
    errors=(VisitClosed, IdReuse),
)
@routes.post(
    _STAFF,
    permission=Permission.CLINICIAN,
    status=201,
    summary="Write a line; the same client_id gives the same line",
    limit=_LIMIT,
    scope=_LINE,
    errors=(VisitClosed, IdReuse),
)
async def post(ctx: Context, visit_id: str, body: MessageIn) -> MessageOut:
    """Possible from the call to the end of the visit.

    The line is stored once for each ``client_id``, over HTTP and over the socket together.
    """
    return await ctx.command(
        service.post, ctx.actor, visit_id, str(body.client_id), body.body, out=MessageOut.of
    )
