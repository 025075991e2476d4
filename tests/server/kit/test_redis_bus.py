"""The bus over Redis: others are heard, silence is noticed, and Redis may come and go."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import orjson
import pytest
import redis

from server.kit.redis_bus import RedisBus, installation
from tests.redis import RedisServer

pytestmark = pytest.mark.redis
PATIENCE = 20.0


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture
def guarded() -> Iterator[RedisServer]:
    with RedisServer(password="hemligt") as running:
        yield running


@asynccontextmanager
async def on(server: RedisServer, called: str = "here", url: str = "") -> AsyncIterator[RedisBus]:
    bus = RedisBus(url or server.url, called)
    bus.start()
    try:
        yield bus
    finally:
        await bus.stop()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.01)


def say(url: str, *words: bytes) -> None:
    with redis.Redis.from_url(url) as stranger:
        for word in words:
            stranger.publish("vardrum:here", word)


def heard_by(bus: RedisBus, topic: str = "events") -> list[tuple[str, object]]:
    heard: list[tuple[str, object]] = []
    bus.subscribe(topic, lambda sender, word: heard.append((sender, word)))
    return heard


async def test_others_hear_it_and_who_said_it_does_not(server: RedisServer) -> None:
    async with on(server) as one, on(server) as two, on(server, "another place") as elsewhere:
        at_one, at_two, at_others = heard_by(one), heard_by(two), heard_by(elsewhere)
        other_topic = heard_by(two, "presence")
        await until(lambda: one.up and two.up and elsewhere.up)
        one.publish("events", {"n": 1})
        two.publish("events", [2])
        await until(lambda: bool(at_one and at_two))
        assert at_two == [(one.name, {"n": 1})]
        assert at_one == [(two.name, [2])]
        assert at_others == other_topic == []


async def test_a_bell_that_rings_many_times_at_once_is_one_word(server: RedisServer) -> None:
    async with on(server) as one, on(server) as two:
        heard = heard_by(two)
        await until(lambda: one.up and two.up)
        for _ in range(500):
            one.publish("events", None)
        one.publish("events", "last")
        await until(lambda: (one.name, "last") in heard)
        assert heard == [(one.name, None), (one.name, "last")]


@pytest.mark.parametrize("how", ["killed", "stopped"])
async def test_silence_is_noticed_and_mended(
    server: RedisServer, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A Redis that was killed hangs up; one that stands still keeps every connection open.
    monkeypatch.setattr("server.kit.redis_bus.BEAT", 0.1)
    monkeypatch.setattr("server.kit.redis_bus.SILENT_AFTER", 0.5)
    monkeypatch.setattr("server.kit.redis_bus.ANSWER_WITHIN", 0.5)
    async with on(server) as one, on(server) as two:
        heard = heard_by(two)
        changes: list[bool] = []
        one.on_change(changes.append)
        await until(lambda: one.up and two.up)
        await asyncio.to_thread(server.kill if how == "killed" else server.stop)
        await until(lambda: not one.up and not two.up)
        one.publish("events", "into the void")
        await asyncio.to_thread(server.start if how == "killed" else server.go_on)
        await until(lambda: one.up and two.up)
        one.publish("events", "again")
        await until(lambda: (one.name, "again") in heard)
        # What was said meanwhile is old by now; nobody kept it.
        assert (one.name, "into the void") not in heard
        assert changes == [True, False, True]


async def test_it_is_down_where_redis_lets_nobody_in(guarded: RedisServer) -> None:
    bare = f"redis://127.0.0.1:{guarded.port}"
    async with on(guarded) as let_in, on(guarded, url=bare) as kept_out:
        await until(lambda: let_in.up)
        kept_out.publish("events", 1)
        assert not kept_out.up


@pytest.mark.parametrize(
    "noise", [b"", b"{", b"[]", b'["a"]', b'{"a":1}', b'[1,"events",2]', b"\xff\xfe", b"[[[["]
)
async def test_noise_on_the_channel_harms_nobody(server: RedisServer, noise: bytes) -> None:
    async with on(server) as one, on(server) as two:
        heard = heard_by(two)
        await until(lambda: one.up and two.up)
        no_such_topic = orjson.dumps(["x", "no such topic", 1])
        await asyncio.to_thread(say, server.url, noise, no_such_topic)
        one.publish("events", "after")
        await until(lambda: heard == [(one.name, "after")])
        assert two.up


async def test_a_listener_that_fails_takes_nothing_from_the_next(server: RedisServer) -> None:
    async with on(server) as one, on(server) as two:

        def fails(_sender: str, _word: object) -> None:
            raise ValueError

        two.subscribe("events", fails)
        heard = heard_by(two)
        await until(lambda: one.up and two.up)
        one.publish("events", 1)
        await until(lambda: heard == [(one.name, 1)])


def test_an_installation_has_a_name_that_tells_nothing() -> None:
    assert installation("region_malaro") == installation("region_malaro")
    assert installation("region_malaro") != installation("region_other")
    assert "malaro" not in installation("region_malaro")
