"""Noise on the socket: every request is answered, nothing escapes, other people notice nothing."""

import asyncio
from typing import Any

import aiohttp
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.kit.actor import Actor, Audience
from server.kit.errors import DomainError
from signaling.connections import Connection
from signaling.namespaces import all_events
from signaling.namespaces.dispatch import Dispatcher
from signaling.wire.requests import REQUESTS
from tests.signaling.stage import Stage, Tab, eventually

IDS = st.sampled_from(["01890000-0000-7000-8000-00000000000a", "", "x", "0" * 400])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text() | IDS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def _shaped(name: str) -> st.SearchStrategy[Any]:
    fields = list(REQUESTS[name][0].model_fields)
    return st.fixed_dictionaries({}, optional=dict.fromkeys(fields, IDS | JSON)) | JSON


class _Unreachable:
    """Stands for every part that a refused payload must never touch."""

    def __init__(self, connection: Connection) -> None:
        self.connections: dict[str, Connection] = {connection.sid: connection}

    def __getattr__(self, name: str) -> Any:
        raise DomainError(f"{name} was reached")


NAMES = [*sorted(REQUESTS), "no.such", "connect", ""]
ASKED = st.sampled_from(NAMES).flatmap(
    lambda name: st.tuples(
        st.just(name), st.lists(_shaped(name) if name in REQUESTS else JSON, max_size=2)
    )
)


@pytest.mark.fuzz
@settings(max_examples=500)
@given(asked=ASKED)
async def test_every_payload_is_answered(asked: tuple[str, list[Any]]) -> None:
    name, args = asked
    for namespace, audience in (("/patient", Audience.PATIENT), ("/staff", Audience.STAFF)):
        connection = Connection("sid", namespace, Actor("a", audience, "s", "A"), "t")
        dispatcher = Dispatcher(all_events(), _Unreachable(connection))  # type: ignore[arg-type]
        answer = await dispatcher(namespace, "sid", name, tuple(args))
        orjson.dumps(answer)
        if answer["ok"]:
            # The one request that has nothing to say.
            assert (namespace, name) == ("/staff", "queue.unwatch")
            assert args in ([], [{}])
        else:
            assert answer["error"]["code"] != "server.error", (args, answer)


async def _raw(stage: Stage, tab: Tab) -> aiohttp.ClientWebSocketResponse:
    socket = await stage.http.ws_connect(
        "/socket.io/?EIO=4&transport=websocket", headers=tab.person.headers
    )
    assert (await socket.receive_str()).startswith("0")
    await socket.send_str(f"40{tab.person.namespace},")
    assert (await socket.receive_str()).startswith("40/")
    return socket


@pytest.mark.fuzz
@pytest.mark.parametrize(
    "packet",
    [
        "noise",
        "4",
        "42",
        "42/patient,",
        "42/patient,{}",
        "42/patient,[]",
        "42/patient,[7]",
        '42/patient,[{"a":1}]',
        '42/patient,["sync"',
        '42/patient,["\\ud800",{}]',
        "42/patient," + "[" * 5000,
        "43/patient,7{",
        '451-/patient,["message.send",{"_placeholder":true,"num":0}]',
        '459999999999-/patient,["x"]',
        '461-/patient,7["x"]',
        "44/patient,{}",
        "49",
        b"\x04\x00\xff",
    ],
)
async def test_a_packet_of_noise_ends_that_connection_alone(
    stage: Stage, packet: str | bytes
) -> None:
    tab = await stage.tab(await stage.patient())
    socket = await _raw(stage, tab)
    if isinstance(packet, bytes):
        await socket.send_bytes(packet)
    else:
        await socket.send_str(packet)
    # Whatever it was, this connection is closed or lives; the other one is not touched.
    await socket.send_str('42/patient,9["no.such",{}]')
    async with asyncio.timeout(4):
        while True:
            message = await socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            if message.data.startswith("43/patient,9"):
                break
    await socket.close()
    assert (await tab.ok("sync", visits=[], tickets=[], queue=None))["ok"]
    await eventually(lambda: len(stage.signaling.connections) == 1)


@pytest.mark.fuzz
async def test_a_close_packet_ends_the_connection(stage: Stage) -> None:
    socket = await _raw(stage, await stage.tab(await stage.patient()))
    await socket.send_str("1")
    async with asyncio.timeout(4):
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            await socket.send_str("3")  # it goes on talking


@pytest.mark.fuzz
async def test_who_leaves_the_namespace_does_not_stay_connected(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signaling.transport.ANONYMOUS_FOR", 0.3)
    tab = await stage.tab(await stage.patient())
    socket = await _raw(stage, tab)
    await asyncio.sleep(0.5)
    await socket.send_str("41/patient,")
    async with asyncio.timeout(4):
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    # Who is logged in stays.
    assert (await tab.ok("sync", visits=[], tickets=[], queue=None))["ok"]


@pytest.mark.fuzz
async def test_a_huge_packet_and_a_flood_end_the_connection(stage: Stage) -> None:
    tab = await stage.tab(await stage.patient())
    huge = await _raw(stage, tab)
    await huge.send_str('42/patient,1["sync",{"x":"' + "x" * 70_000 + '"}]')
    assert (await huge.receive()).type is not aiohttp.WSMsgType.TEXT
    flood = await _raw(stage, tab)
    for number in range(500):
        await flood.send_str(f'42/patient,{number}["no.such",{{}}]')
    async with asyncio.timeout(5):
        while (await flood.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    await huge.close()
    await flood.close()
    assert (await tab.ok("sync", visits=[], tickets=[], queue=None))["ok"]


@pytest.mark.fuzz
async def test_a_fault_of_ours_says_nothing_of_itself(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret of Anna")

    tab = await stage.tab(await stage.patient())
    monkeypatch.setattr(stage.database, "read_promptly", broken)
    answer = await tab.ask("sync", {"visits": [], "tickets": [], "queue": None})
    assert answer["error"]["code"] == "server.error"
    assert "Anna" not in orjson.dumps(answer).decode()
    assert "secret" not in caplog.text
