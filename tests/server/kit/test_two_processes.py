"""One key and two servers on one PostgreSQL: whichever is asked, and however often, it is one."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp.test_utils import TestServer

from server.app import create_app
from server.kit import dispatch
from server.kit.backend import Backend
from server.kit.clock import FrozenClock
from server.kit.db import Database
from server.kit.postgres import PostgresBackend
from server.kit.postgres_session import Session
from server.kit.settings import Settings
from tests.server.kit.notes import calls, routes
from tests.support import Api, People, Reply

pytestmark = pytest.mark.postgres
NOTES = "/api/v1/patient/notes"


@pytest.fixture
def engine() -> str:
    """An SQLite file has one process: ``test_sqlite`` sees to that."""
    return "postgres"


@pytest.fixture
async def servers(
    new_backend: Callable[[], Backend], settings: Settings, clock: FrozenClock
) -> AsyncIterator[list[Api]]:
    """The same person's browser at each of two servers, of one database."""
    backend = new_backend()
    assert isinstance(backend, PostgresBackend)
    databases = [Database(each, clock) for each in (backend, PostgresBackend(backend.url))]
    running: list[TestServer] = []
    browsers: list[Api] = []
    calls.clear()
    for database in databases:
        await database.start()
        app = create_app(settings, database)
        dispatch.register(app, routes)
        server = TestServer(app)
        await server.start_server()
        running.append(server)
        browsers.append(Api(app, server))
    account = await People(databases[0]).patient()
    yield [await each.as_(account) for each in browsers]
    for browser, server, database in zip(browsers, running, databases, strict=True):
        await browser.close()
        await server.close()
        await database.stop()


async def _everywhere(servers: list[Api], text: str, key: str, times: int = 1) -> list[Reply]:
    asked = [each.post(NOTES, {"text": text}, key=key) for each in servers for _ in range(times)]
    return list(await asyncio.gather(*asked))


async def test_a_key_that_comes_to_both_at_once_is_one_request(servers: list[Api]) -> None:
    for round_ in range(10):
        replies = await _everywhere(servers, f"r{round_}", str(uuid.uuid4()), times=4)
        assert {each.status for each in replies} == {201}
        assert len({each.body for each in replies}) == 1
    assert calls == [f"r{round_}" for round_ in range(10)]


async def test_another_request_under_the_key_is_refused_everywhere(servers: list[Api]) -> None:
    key = str(uuid.uuid4())
    here, there = servers
    first = await here.post(NOTES, {"text": "a"}, key=key)
    assert (await there.post(NOTES, {"text": "a"}, key=key)).body == first.body
    refused = await there.post(NOTES, {"text": "b"}, key=key)
    assert (refused.status, refused.json["code"]) == (422, "request.idempotency_reuse")
    assert calls == ["a"]


async def test_of_two_that_fail_neither_takes_the_key(servers: list[Api]) -> None:
    key = str(uuid.uuid4())
    replies = await _everywhere(servers, "refuse", key)
    assert [each.status for each in replies] == [409, 409]
    # Whoever waited for the first did not get an answer that was never given.
    assert (await servers[0].post(NOTES, {"text": "a"}, key=key)).status == 201


@pytest.mark.parametrize("happened", [True, False])
async def test_a_lost_answer_is_had_from_the_other(
    servers: list[Api], monkeypatch: pytest.MonkeyPatch, happened: bool
) -> None:
    key = str(uuid.uuid4())
    commit = Session.commit

    async def lost(conn: Session) -> None:
        if happened:
            await commit(conn)
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr(Session, "commit", lost)
        unknown = await servers[0].post(NOTES, {"text": "a"}, key=key)
    assert (unknown.status, unknown.json["code"]) == (503, "server.busy")
    answers = await _everywhere(servers, "a", key)
    assert {each.status for each in answers} == {201}
    assert len({each.body for each in answers}) == 1
    # The note was written by the first, or by one of the repeats; never by both.
    assert calls == ["a"] * (1 if happened else 2)
