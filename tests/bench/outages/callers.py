"""A process full of people in calls: robots that speak the real socket and the real media.

Each does what our page does: joins, and when its call is lost joins anew at once, or two seconds
after a refusal. Speaks JSON lines on standard input and output: `{"do": NAME, …}` → the answer of
`Callers.NAME`. Instants are seconds of this machine's monotonic clock, the same in every process.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any, cast

import aiohttp
import aioice.ice
import socketio
import uvloop
from typing_extensions import override

from server.kit.tasks import cancel, spawn
from tests.bench.clip import Clip
from tests.bench.robot import MediaRobot, talk
from tests.bench.serving import serve

#: As our page (`web-client/src/call/reconnect.ts`).
_JOIN_AGAIN = 2.0
#: Seconds of talk before it is looked who is there. Each begins with a whole picture.
_STRETCH = 0.2


class _Robot(MediaRobot):
    """Notes when pictures come."""

    caller: Caller

    @override
    def _count(self, data: bytes) -> None:
        before = self.video_received
        super()._count(data)
        if self.video_received > before:
            self.caller.saw(time.monotonic())


class Caller:
    """One person of a visit of two."""

    def __init__(self, url: str, token: str, audience: str, visit_id: str, clip: Clip) -> None:
        self._url = url
        self._token = token
        self._audience = audience
        self._visit = visit_id
        self._clip = clip
        self._leg = ""
        self._again: asyncio.Task[None] | None = None
        self.robot: _Robot | None = None
        self.begin()

    def begin(self) -> None:
        """Look for gaps from here on."""
        self.last = time.monotonic()
        self.longest = 0.0
        self.lost_at: float | None = None
        self.back_at: float | None = None

    def saw(self, now: float) -> None:
        """A packet of the other's picture came."""
        self.longest = max(self.longest, now - self.last)
        self.last = now
        if self.lost_at is not None and self.back_at is None and self._again is None:
            self.back_at = now

    async def enter(self) -> None:
        """Open the socket, and be in the call."""
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._socket = socketio.AsyncClient(reconnection=False, http_session=self._http)
        self._socket.on("call.lost", self._lost, namespace=f"/{self._audience}")
        await self._socket.connect(
            self._url,
            headers={"Cookie": f"vardrum-{self._audience}={self._token}"},
            namespaces=[f"/{self._audience}"],
            transports=["websocket"],
            wait_timeout=30,
        )
        await self._join()

    async def leave(self) -> None:
        """Go, without a word to the media worker."""
        if self._again is not None:
            await cancel(self._again)
        await self._socket.disconnect()
        await self._http.close()
        if self.robot is not None:
            await self.robot.close()

    async def _lost(self, hint: dict[str, Any]) -> None:
        if hint["leg_id"] != self._leg or self._again is not None:
            return
        if self.lost_at is None:
            self.lost_at = time.monotonic()
        old, self.robot = self.robot, None
        self._again = spawn(self._rejoin(old), "caller.rejoin")

    async def _rejoin(self, old: _Robot | None) -> None:
        while not await self._join():
            await asyncio.sleep(_JOIN_AGAIN)
        self._again = None
        if old is not None:
            # It may be in the stretch of talk that is under way.
            await asyncio.sleep(2 * _STRETCH)
            await old.close()

    async def _join(self) -> bool:
        joined = await self._ask("call.join", visit_id=self._visit, public_key=None)
        if not joined["ok"]:
            return False
        self._leg = joined["leg_id"]
        robot = _Robot(self._clip)
        robot.caller = self
        sdp = await robot.answer(joined["sdp"])
        answered = await self._ask("call.answer", visit_id=self._visit, leg_id=self._leg, sdp=sdp)
        if not answered["ok"]:
            return False
        try:
            await robot.connected()
        except TimeoutError:
            return False
        self.robot = robot
        return True

    async def _ask(self, event: str, **payload: object) -> dict[str, Any]:
        answer = await self._socket.call(event, payload, namespace=f"/{self._audience}", timeout=30)
        return cast("dict[str, Any]", answer)


class Callers:
    """The people of this process."""

    def __init__(self, address: str, clip: Clip) -> None:
        # aioice leaves loopback out, and there may be no other interface.
        aioice.ice.get_host_addresses = lambda **_: [address]
        self._clip = clip
        self._people: list[Caller] = []
        self._talking: asyncio.Task[None] | None = None

    async def enter(self, url: str, people: list[list[str]]) -> dict[str, object]:
        """These (token, audience, visit) come, one after the other, and all talk from then on."""
        for token, audience, visit in people:
            caller = Caller(url, token, audience, visit, self._clip)
            self._people.append(caller)
            await caller.enter()
        if self._talking is None:
            self._talking = spawn(self._talk(), "callers.talk")
        return {}

    async def begin(self) -> dict[str, object]:
        """Look for gaps from here on."""
        for caller in self._people:
            caller.begin()
        return {}

    async def tell(self) -> dict[str, object]:
        """What each has seen since `begin`."""
        now = time.monotonic()
        return {
            "people": [
                {
                    "visit": caller._visit,
                    "longest": max(caller.longest, now - caller.last),
                    "lost_at": caller.lost_at,
                    "back_at": caller.back_at,
                    "seeing": now - caller.last < 1,
                }
                for caller in self._people
            ]
        }

    async def close(self) -> dict[str, object]:
        """Everybody goes."""
        if self._talking is not None:
            await cancel(self._talking)
        for caller in self._people:
            await caller.leave()
        self._people.clear()
        return {}

    async def _talk(self) -> None:
        while True:
            robots = [caller.robot for caller in self._people if caller.robot is not None]
            await talk(robots, _STRETCH)


async def main(address: str, clip: Path) -> None:
    """Serve until standard input ends."""
    callers = Callers(address, Clip.load(clip))
    await serve(callers)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], Path(sys.argv[2])))
