"""Too much at once, as the client sees it: 503, when to come again, and nothing done twice."""

import asyncio
import threading
import uuid

import sqlalchemy as sa

from server.kit.backend import LONGEST_LINE, Backend
from server.kit.db import Database, UnitOfWork
from server.kit.postgres import PostgresBackend
from server.kit.sqlite import SqliteBackend
from tests.server.kit.notes import calls
from tests.support import Api

PATIENCE = 30


def room_for(backend: Backend, units: int) -> None:
    """So many may wait or run from now on."""
    if isinstance(backend, SqliteBackend):
        backend._longest_line = units
    else:
        assert isinstance(backend, PostgresBackend)
        backend._writes.longest = units


async def test_a_line_that_is_too_long_is_503_with_what_to_do(
    patient: Api, database: Database, engine: str
) -> None:
    gate = threading.Event()

    def hold(uow: UnitOfWork) -> None:
        if engine == "sqlite":
            gate.wait(PATIENCE)
        else:
            uow.conn.execute(sa.text("SELECT pg_sleep(1)"))

    held = asyncio.ensure_future(database.write(hold))  # noqa: TID251
    await asyncio.sleep(0)
    room_for(database.backend, 1)
    key = str(uuid.uuid4())
    refused = await patient.post("/api/v1/patient/notes", {"text": "a"}, key=key)
    assert (refused.status, refused.json["code"], calls) == (503, "server.busy", [])
    assert int(refused.headers["Retry-After"]) == refused.json["retry_after"] >= 1
    assert "same Idempotency-Key" in refused.json["detail"]
    room_for(database.backend, LONGEST_LINE)
    gate.set()
    await held
    again = await patient.post("/api/v1/patient/notes", {"text": "a"}, key=key)
    assert (again.status, calls) == (201, ["a"])
