"""Too much at once, as the client sees it: 503, when to come again, and nothing done twice."""

import asyncio
import threading
import uuid

import sqlalchemy as sa

from server.kit.backend import LONGEST_LINE, PROMPT, Backend
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


async def test_what_keeps_a_visit_going_passes_a_line_of_reads(
    database: Database, engine: str
) -> None:
    gate = threading.Event()

    def hold(uow: UnitOfWork) -> None:
        if engine == "sqlite":
            gate.wait(PATIENCE)
        else:
            uow.conn.execute(sa.text("SELECT pg_sleep(1)"))

    def look(uow: UnitOfWork) -> int:
        return int(uow.conn.execute(sa.text("SELECT 7")).scalar_one())

    line = asyncio.gather(*(database.read(hold) for _ in range(12)))
    behind = asyncio.ensure_future(database.read(look))  # noqa: TID251
    await asyncio.sleep(0)
    assert [await database.read_promptly(look) for _ in range(3 * PROMPT)] == [7] * 3 * PROMPT
    # More of them at once than have room there stand in line with everybody.
    haste = [asyncio.ensure_future(database.read_promptly(look)) for _ in range(PROMPT + 1)]  # noqa: TID251
    await asyncio.gather(*haste[:PROMPT])
    assert (line.done(), behind.done(), haste[PROMPT].done()) == (False, False, False)
    gate.set()
    await line
    assert (await behind, await haste[PROMPT]) == (7, 7)
    assert await database.read_promptly(look) == 7, "there is room again"
