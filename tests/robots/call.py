"""A robot in a visit's call: a leg with real media, joined anew when it is lost or gone silent.

As `web-client/src/call/reconnect.ts`, without its restarts of ICE: what a restart would mend, an
address that changed, does not happen to a robot.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from typing_extensions import override

from server.kit.tasks import cancel, spawn
from tests.bench.clip import Clip
from tests.bench.robot import MediaRobot
from tests.robots.ledger import Ledger, Pictures
from tests.robots.live import Live, Unreachable

_JOIN_AGAIN = 2.0
_SILENT = 6.0
#: `talk` goes on for so long with those it began with.
STRETCH = 0.2


class _Leg(MediaRobot):
    """Notes when pictures come."""

    def __init__(self, clip: Clip, pictures: Pictures) -> None:
        super().__init__(clip)
        self._pictures = pictures

    @override
    def _count(self, data: bytes) -> None:
        before = self.video_received
        super()._count(data)
        if self.video_received > before:
            self._pictures.saw(time.monotonic())

    @override
    async def close(self) -> None:
        # It may not have come so far as to have one.
        if hasattr(self, "_socket"):
            self._socket.close()
        await self._call.close()


class Call:
    """One person in the call of one visit, from `enter` to `leave`."""

    def __init__(self, visit_id: str, live: Live, ledger: Ledger, clip: Clip) -> None:
        self._visit = visit_id
        self._live = live
        self._ledger = ledger
        self._clip = clip
        self._leg_id = ""
        self._anew = asyncio.Event()
        self._pictures = Pictures(visit_id, time.monotonic())
        self._keeping: asyncio.Task[None] | None = None
        self._stop_listening: Callable[[], None] | None = None
        #: Who sends and receives now; see `tests.bench.robot.talk`.
        self.robot: MediaRobot | None = None

    @property
    def pictures(self) -> int:
        """How many instants the other's picture came at."""
        return len(self._pictures.at)

    @property
    def sees(self) -> bool:
        """Whether the other's picture comes now."""
        came = self._pictures.at[-1] if self._pictures.at else 0.0
        return self.robot is not None and time.monotonic() - came < 0.5

    def enter(self) -> None:
        """Join, and stay."""
        self._pictures.joined_at = time.monotonic()
        self._ledger.pictures.append(self._pictures)
        self._stop_listening = self._live.on("call.lost", self._lost)
        self._keeping = spawn(self._keep(), "robot.call")

    async def leave(self) -> None:
        """Go; the server is told when it can be."""
        self._pictures.left_at = time.monotonic()
        if self._stop_listening is not None:
            self._stop_listening()
        if self._keeping is not None:
            await cancel(self._keeping)
        with contextlib.suppress(Unreachable):
            await self._ask("call.leave", leg_id=self._leg_id)
        await self._close_leg()

    def reclaim(self) -> None:
        """After a new socket: the leg speaks through it, or is known no more."""
        if self.robot is not None:
            _ = spawn(self._claim(), "robot.claim")

    async def _claim(self) -> None:
        try:
            told = await self._ask(
                "call.state", leg_id=self._leg_id, mic_on=True, camera_on=True, screen_on=False
            )
        except Unreachable:
            return
        if not told["ok"] and told["error"]["code"] == "call.no_leg":
            self._anew.set()

    def _lost(self, hint: dict[str, Any]) -> None:
        if hint["leg_id"] == self._leg_id:
            self._ledger.troubles[f"legs lost ({hint['reason']})"] += 1
            self._anew.set()

    async def _keep(self) -> None:
        while True:
            self._anew.clear()
            await self._close_leg()
            if not await self._join():
                await asyncio.sleep(_JOIN_AGAIN)
                continue
            await self._until_lost()

    async def _until_lost(self) -> None:
        since = time.monotonic()
        while not self._anew.is_set():
            try:
                async with asyncio.timeout(1):
                    await self._anew.wait()
            except TimeoutError:
                came = self._pictures.at[-1] if self._pictures.at else since
                if time.monotonic() - max(came, since) > _SILENT:
                    self._ledger.troubles["legs gone silent"] += 1
                    return

    async def _join(self) -> bool:
        try:
            joined = await self._ask("call.join", public_key=None)
            if not joined["ok"]:
                self._ledger.troubles[f"not joined ({joined['error']['code']})"] += 1
                return False
            self._leg_id = joined["leg_id"]
            robot = _Leg(self._clip, self._pictures)
            try:
                sdp = await robot.answer(joined["sdp"])
                answered = await self._ask("call.answer", leg_id=self._leg_id, sdp=sdp)
                if answered["ok"]:
                    async with asyncio.timeout(10):
                        await robot.connected()
                    self.robot = robot
                    return True
            finally:
                if self.robot is not robot:
                    await robot.close()
        except (Unreachable, TimeoutError, ConnectionError):
            self._ledger.troubles["not joined (no answer)"] += 1
        return False

    async def _close_leg(self) -> None:
        old, self.robot = self.robot, None
        if old is not None:
            # It may be in the stretch of talk that is under way.
            await asyncio.sleep(2 * STRETCH)
            await old.close()

    async def _ask(self, event: str, **said: Any) -> dict[str, Any]:
        return await self._live.ask(event, {"visit_id": self._visit, **said})
