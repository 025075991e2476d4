"""A relay on loopback whose every sealed packet is watched, and robots that talk to it."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pylibsrtp._binding import ffi

from signaling.media import _aiortc_compat, packets
from signaling.media.events import LegMediaChanged, LegSlotsChanged, LegStateChanged, RelayEvent
from signaling.media.relay import Relay
from signaling.media.tcp import TcpPlace
from tests.media.peers import Robot
from tests.media.site import Site


class Clock:
    """Monotonic time that a test can push on, or stop, so that a busy machine does not matter."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._stopped: float | None = None

    def __call__(self) -> float:
        return (self._stopped or time.monotonic()) + self.ahead

    def stop(self) -> None:
        self._stopped = time.monotonic()


class Sealed:
    """Every packet sealed, by session, SSRC and sequence number: the security invariant."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, bytes, bytes], bytes] = {}
        self.broken: list[tuple[bytes, bytes]] = []

    def note(self, session: Any, packet: bytes) -> None:
        before = self.seen.setdefault((str(session), packet[8:12], packet[2:4]), packet)
        if before != packet:
            self.broken.append((before, packet))


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> Sealed:
    watch = Sealed()
    raw, protect = _aiortc_compat.srtp_protect, _aiortc_compat.Srtp.protect

    def spy(session: Any, cdata: Any, length: Any) -> int:
        watch.note(session, bytes(ffi.buffer(cdata, length[0])))
        return raw(session, cdata, length)

    def spy_slow(self: _aiortc_compat.Srtp, packet: bytes | bytearray) -> bytes | None:
        watch.note(self.tx, bytes(packet))
        return protect(self, packet)

    monkeypatch.setattr(packets, "srtp_protect", spy)
    monkeypatch.setattr(_aiortc_compat.Srtp, "protect", spy_slow)
    return watch


class Lab:
    """A relay, what it told, and the robots that were made."""

    def __init__(self, *addresses: str) -> None:
        self.clock = Clock()
        self.events: list[RelayEvent] = []
        self.faults: list[dict[str, Any]] = []
        self.robots: list[Robot] = []
        self.relay = Relay(
            addresses or ["127.0.0.1"],
            on_event=self.events.append,
            clock=self.clock,
            tcp=TcpPlace(0),
        )

    def states(self, leg_id: str) -> list[str]:
        return [
            event.state
            for event in self.events
            if isinstance(event, LegStateChanged) and event.leg_id == leg_id
        ]

    def media(self, leg_id: str) -> list[tuple[bool, bool]]:
        return [
            (event.audio, event.video)
            for event in self.events
            if isinstance(event, LegMediaChanged) and event.leg_id == leg_id
        ]

    def slots(self, leg_id: str) -> list[LegSlotsChanged]:
        return [
            event
            for event in self.events
            if isinstance(event, LegSlotsChanged) and event.leg_id == leg_id
        ]

    async def join(
        self,
        participant: str,
        leg_id: str,
        visit: str = "visit",
        robot: Robot | None = None,
        **kind: Any,
    ) -> Robot:
        robot = robot or Robot(**kind)
        self.robots.append(robot)
        self.relay.answer(leg_id, robot.take(self.relay.open(visit, leg_id, participant)))
        await robot.connect()
        return robot

    async def pair(self, **kind: Any) -> tuple[Robot, Robot]:
        return await self.join("patient", "p", **kind), await self.join("clinician", "c", **kind)


@pytest.fixture
def announced() -> tuple[str, ...]:
    """The relay's addresses; a test may parametrize it."""
    return ("127.0.0.1",)


@pytest.fixture
async def lab(sealed: Sealed, announced: tuple[str, ...]) -> AsyncIterator[Lab]:
    lab = Lab(*announced)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: lab.faults.append(context))
    lab.relay.start()
    yield lab
    for robot in lab.robots:
        await robot.close()
    lab.relay.stop()
    await asyncio.sleep(0)
    assert not sealed.broken, "two byte strings under one SSRC and sequence number"
    assert not lab.faults


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    yield site
    await site.stop()
