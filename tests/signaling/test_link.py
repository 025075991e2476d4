"""The connection itself: frames of every length, who does not read, who does not answer."""

import asyncio
from typing import Any, cast

import aiohttp
import pytest

from signaling import link
from signaling.link import Link, frame
from tests.signaling.stage import Person, Stage, eventually


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_frame_says_its_length(size: int) -> None:
    made = frame(b"x" * size)
    assert made[0] == 0x81
    announced, begin = made[1], 2
    if announced == 126:
        announced, begin = int.from_bytes(made[2:4], "big"), 4
        assert announced > 125
    elif announced == 127:
        announced, begin = int.from_bytes(made[2:10], "big"), 10
        assert announced > 65_535
    assert announced == size
    assert made[begin:] == b"x" * size


class _Slow:
    """A transport whose other end does not read."""

    def __init__(self) -> None:
        self.unsent = 0
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.unsent += len(data)

    def is_closing(self) -> bool:
        return self.aborted

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def abort(self) -> None:
        self.aborted = True


async def test_who_does_not_read_is_cut_off() -> None:
    async def nobody(_sid: str, _said: str) -> None:
        raise AssertionError

    cut = Link("sid", nobody)
    transport = _Slow()
    cut._transport = cast("Any", transport)
    line = frame(b"x" * 1000)
    for _ in range(link.MAX_UNSENT // len(line)):
        cut.write(line)
    assert not transport.aborted
    assert not cut.closed
    cut.write(line)
    assert transport.aborted
    assert cut.closed
    written = transport.unsent
    cut.write(line)
    assert transport.unsent == written


async def _open(stage: Stage, person: Person) -> aiohttp.ClientWebSocketResponse:
    socket = await stage.http.ws_connect(
        "/socket.io/?EIO=4&transport=websocket", headers=person.headers
    )
    assert (await socket.receive_str()).startswith("0")
    return socket


async def test_what_follows_the_connect_packet_at_once_is_answered(stage: Stage) -> None:
    anna = await stage.patient()
    socket = await _open(stage, anna)
    await socket.send_str(f"40{anna.namespace},")
    await socket.send_str(f'42{anna.namespace},1["no.such",{{}}]')
    await socket.send_str(f'42{anna.namespace},["no.such",{{}}]')
    await socket.send_str(f'42{anna.namespace},2["no.such",{{}}]')
    assert (await socket.receive_str()).startswith(f"40{anna.namespace},")
    answers = [await socket.receive_str() for _ in range(2)]
    assert {each.partition("[")[0] for each in answers} == {
        f"43{anna.namespace},{number}" for number in (1, 2)
    }
    await socket.close()


async def test_who_answers_no_ping_is_gone_and_who_does_stays(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "PING_EVERY", 0.6)
    monkeypatch.setattr(link, "PING_TIMEOUT", 0.5)
    anna, bo = await stage.patient(), await stage.patient()
    answering, silent = await _open(stage, anna), await _open(stage, bo)
    for socket, person in ((answering, anna), (silent, bo)):
        await socket.send_str(f"40{person.namespace},")
        assert (await socket.receive_str()).startswith("40/")
    assert len(stage.signaling.connections) == 2

    async def answer(times: int) -> None:
        for _ in range(times):
            assert await answering.receive_str() == "2"
            await answering.send_str("3")

    await asyncio.gather(
        answer(4), eventually(lambda: not stage.signaling.presence.has_socket(bo.actor.account_id))
    )
    assert stage.signaling.presence.has_socket(anna.actor.account_id)
    await eventually(lambda: len(stage.signaling._sio.eio.sockets) == 1)
    for socket in (answering, silent):
        await socket.close()


async def test_no_request_goes_on_with_a_connection(stage: Stage) -> None:
    anna = await stage.patient()
    socket = await _open(stage, anna)
    (sid,) = stage.signaling._sio.eio.sockets
    for method in ("GET", "POST"):
        path = f"/socket.io/?EIO=4&transport=websocket&sid={sid}"
        async with stage.http.request(method, path) as answer:
            assert answer.status == 400
    await socket.close()
