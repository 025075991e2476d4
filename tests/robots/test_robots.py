"""Robots are as stubborn as the client, and their ledgers complain of what can't be."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.robots import web as robots_web
from tests.robots.conversation import Conversation
from tests.robots.ledger import Ledger, Line, Written
from tests.robots.live import Live
from tests.robots.web import Habits, Refused, Web, Who

LINE = Line(1, "m", "patient", "Hej")


def test_a_line_told_in_two_ways_is_a_contradiction() -> None:
    ledger = Ledger("astrid")
    ledger.see("v", LINE)
    ledger.see("v", LINE)
    assert ledger.contradictions == []
    ledger.see("v", replace(LINE, body="Hejdå"))
    assert len(ledger.contradictions) == 1


def test_a_message_acknowledged_under_two_numbers_is_a_contradiction() -> None:
    ledger = Ledger("astrid")
    ledger.acknowledge("m", 3)
    ledger.acknowledge("m", 3)
    assert ledger.contradictions == []
    ledger.acknowledge("m", 4)
    assert len(ledger.contradictions) == 1


Handler = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def _asking(handler: Handler, **habits: float) -> AsyncIterator[tuple[Web, Ledger]]:
    app = web.Application()
    app.router.add_post("/thing", handler)
    server = TestServer(app)
    await server.start_server()
    ledger = Ledger("astrid")
    asking = Web(
        [str(server.make_url("")).rstrip("/")], Who("patient", "astrid"), ledger,
        random.Random(1), replace(Habits(), **habits),
    )  # fmt: skip
    yield asking, ledger
    await asking.close()
    await server.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots_web, "RETRY_AFTER", (0.0, 0.0, 0.0))


async def test_what_was_not_answered_goes_again_under_its_key(impatient: None) -> None:
    keys: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            assert request.transport is not None
            request.transport.abort()
        if len(keys) < 4:
            return web.json_response({"code": "server.busy"}, status=503)
        return web.json_response({"done": True})

    async with _asking(handler) as (asking, ledger):
        assert await asking.post("/thing", {}) == {"done": True}
    assert len(keys) == 4
    assert len(set(keys)) == 1
    assert ledger.troubles["answers 503"] == 2


async def test_a_refusal_is_not_asked_again(impatient: None) -> None:
    asked = 0

    async def handler(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.json_response({"code": "queue.empty"}, status=409)

    async with _asking(handler) as (asking, _):
        with pytest.raises(Refused) as refused:
            await asking.post("/thing", {})
    assert (refused.value.code, asked) == ("queue.empty", 1)


async def test_two_answers_of_one_key_are_a_contradiction() -> None:
    number = 0

    async def handler(_request: web.Request) -> web.Response:
        nonlocal number
        number += 1
        return web.json_response({"number": number})

    async def same(_request: web.Request) -> web.Response:
        return web.json_response({"number": 1})

    async with _asking(same, doubled=1.0) as (asking, ledger):
        await asking.post("/thing", {})
        assert ledger.contradictions == []
    async with _asking(handler, doubled=1.0) as (asking, ledger):
        await asking.post("/thing", {})
        assert len(ledger.contradictions) == 1


async def test_what_was_done_and_is_refused_again_is_a_contradiction() -> None:
    asked: list[Any] = []

    async def handler(_request: web.Request) -> web.Response:
        asked.append(None)
        if len(asked) == 1:
            return web.json_response({})
        return web.json_response({"code": "visit.closed"}, status=409)

    async with _asking(handler, belated=1.0) as (asking, ledger):
        await asking.post("/thing", {})
        await asking.settle()
        assert len(ledger.contradictions) == 1


@pytest.mark.parametrize(
    ("code", "written"), [("server.storage", True), ("server.busy", True), ("visit.closed", False)]
)
async def test_an_ack_that_has_not_judged_sends_a_message_the_other_way(
    code: str, written: bool
) -> None:
    told = {"seq": 1, "client_id": "m", "sender": "patient", "body": "Hej"}

    class _Live:
        connected = True

        async def ask(self, *_: Any) -> dict[str, Any]:
            return {"ok": False, "error": {"code": code}}

    class _Web:
        who = Who("patient", "astrid")

        def doubles(self) -> bool:
            return False

        async def post(self, *_: Any, **__: Any) -> dict[str, Any]:
            return told

    talk = Conversation("v", cast("Web", _Web()), cast("Live", _Live()), Ledger("astrid"))
    one = Written("v", "m", "Hej")
    if written:
        assert await talk._deliver(one) == LINE
    else:
        with pytest.raises(Refused, match=code):
            await talk._deliver(one)
