"""Routes for tests of the HTTP edge: a few notes that nobody keeps."""

from pydantic import Field

from server.kit.db import UnitOfWork
from server.kit.errors import Conflict
from server.kit.http import Context, In, Out, RouteTable
from server.kit.ids import new_id
from server.kit.permissions import Permission, Scope

routes: RouteTable = RouteTable()
_NOTE = {"note_id": Scope.ANYBODY}
# The texts that were written, in order: what happened more than once shows here.
calls: list[str] = []


class NoteIn(In):
    """A body."""

    text: str = Field(min_length=1, max_length=20)
    number: int = 0


class NoteOut(Out):
    """An answer."""

    text: str
    made: str


class PageIn(In):
    """A query."""

    after: int = 0
    mine: bool = False


class Refused(Conflict):
    """409 of these tests."""

    code = "test.refused"


def _write(_uow: UnitOfWork, text: str) -> str:
    calls.append(text)
    if text == "refuse":
        raise Refused("No.", why="because")
    return text


@routes.post("/api/v1/patient/notes", permission=Permission.PATIENT, status=201, errors=(Refused,))
async def write(ctx: Context, body: NoteIn) -> NoteOut:
    """Write a note."""
    return await ctx.command(_write, body.text, out=lambda text: NoteOut(text=text, made=new_id()))


@routes.delete("/api/v1/patient/notes/{note_id}", permission=Permission.PATIENT, scope=_NOTE)
async def remove(ctx: Context, note_id: str) -> None:
    """Remove a note."""
    await ctx.command(_write, note_id, out=lambda _text: None)


@routes.get("/api/v1/staff/notes/{note_id}", permission=Permission.CLINICIAN, scope=_NOTE)
async def read(ctx: Context, note_id: str, query: PageIn) -> NoteOut:
    """Read a note."""
    if query.after == 500:
        raise ValueError("a secret that must not leave")
    return NoteOut(text=f"{note_id} {query.after} {query.mine}", made=ctx.actor.name)
