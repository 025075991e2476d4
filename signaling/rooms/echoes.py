"""Tests of equipment: legs that hear only themselves, by the path that a visit will use.

An echo is bound to the socket that asked for it, one for each account, and bounded in time by the
worker. It is no call: nobody else is told of it, and no visit knows it.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from weakref import WeakValueDictionary

from server.kit.ids import new_id
from server.kit.log import get_logger
from server.kit.tasks import spawn
from signaling.rooms.errors import CallBadSdp, CallFull, CallNoLeg, CallUnavailable
from signaling.rooms.media_port import (
    BadSdp,
    LegsHomeless,
    LegStateChanged,
    MediaError,
    MediaEvent,
    MediaFull,
    MediaPort,
    NoSuchLeg,
)
from signaling.rooms.turn import TurnServer
from signaling.wire.requests import CheckJoined

log = get_logger(__name__)

_OVER = ("failed", "closed")


class Sockets(Protocol):
    """What the echoes need of the process around them."""

    def now(self) -> datetime:
        """The current instant."""
        ...

    def is_connected(self, sid: str) -> bool:
        """Whether the socket is open."""
        ...


@dataclass(frozen=True, slots=True)
class _Echo:
    check_id: str
    account_id: str
    sid: str


class Echoes:
    """Which account tests its equipment now, and what becomes of it."""

    def __init__(self, media: MediaPort, around: Sockets, turn: TurnServer | None = None) -> None:
        self._media = media
        self._around = around
        self._turn = turn
        self._by_account: dict[str, _Echo] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        media.on_event(self.on_media)

    def __len__(self) -> int:
        return len(self._by_account)

    async def join(self, account_id: str, sid: str) -> CheckJoined:
        """Open an echo and return its offer. One that the account has is replaced."""
        lock = self._locks.setdefault(account_id, asyncio.Lock())
        async with lock:
            if former := self._by_account.get(account_id):
                await self._end(former)
            echo = _Echo(new_id(), account_id, sid)
            try:
                # A visit and a participant of its own, so that no other leg ever meets it.
                sdp = await self._media.open_leg(
                    echo.check_id, echo.check_id, echo.check_id, echo=True
                )
            except MediaFull as error:
                raise CallFull("As many test their equipment as may at a time.") from error
            except MediaError as error:
                raise CallUnavailable("No media worker took the test.") from error
            self._by_account[account_id] = echo
            if not self._around.is_connected(sid):
                await self._end(echo)
        now = self._around.now()
        return CheckJoined(
            check_id=echo.check_id,
            sdp=sdp,
            ice_servers=[self._turn.for_leg(echo.check_id, now)] if self._turn else [],
        )

    async def answer(self, account_id: str, check_id: str, sdp: str) -> None:
        """Apply the browser's answer."""
        echo = self._own(account_id, check_id)
        if echo is None:
            raise CallNoLeg("There is no such test.")
        try:
            await self._media.answer(check_id, sdp)
        except BadSdp as error:
            raise CallBadSdp("The SDP answer can't be used.", field="sdp") from error
        except NoSuchLeg as error:
            self._forget(echo)
            raise CallNoLeg("The media worker no longer knows the test.") from error
        except MediaError as error:
            raise CallUnavailable("The media worker did not answer.") from error

    async def leave(self, account_id: str, check_id: str) -> None:
        """End one's own echo; leaving again is no error."""
        if echo := self._own(account_id, check_id):
            await self._end(echo)

    def socket_gone(self, sid: str) -> None:
        """A test has no grace: who comes back begins it anew."""
        for echo in [each for each in self._by_account.values() if each.sid == sid]:
            _ = spawn(self._end(echo), name="check.end")

    def on_media(self, event: MediaEvent) -> None:
        """What the workers report: time is up, the path is gone, the worker is."""
        if isinstance(event, LegStateChanged) and event.state in _OVER:
            for echo in [e for e in self._by_account.values() if e.check_id == event.leg_id]:
                self._forget(echo)
        elif isinstance(event, LegsHomeless):
            for echo in [e for e in self._by_account.values() if e.check_id in event.leg_ids]:
                # A worker that retires waits for its last leg; a test is not worth the wait.
                _ = spawn(self._end(echo), name="check.end")

    def _own(self, account_id: str, check_id: str) -> _Echo | None:
        echo = self._by_account.get(account_id)
        return echo if echo is not None and echo.check_id == check_id else None

    def _forget(self, echo: _Echo) -> None:
        if self._by_account.get(echo.account_id) is echo:
            del self._by_account[echo.account_id]

    async def _end(self, echo: _Echo) -> None:
        self._forget(echo)
        try:
            await self._media.close_leg(echo.check_id)
        except MediaError as error:
            # The worker is gone or stuck; its own time limit takes the leg.
            log.warning("check.not_closed", check_id=echo.check_id, error=error)
