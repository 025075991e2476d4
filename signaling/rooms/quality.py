"""Keeps with a visit what the connections to its call were like.

A leg that was connected has a record when it is over, also when its numbers died with its worker.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from server.kit.log import get_logger
from server.kit.tasks import spawn
from signaling.rooms import cards
from signaling.rooms.legs import Party
from signaling.rooms.media_port import (
    LegEnded,
    LegOver,
    LegsHomeless,
    LegSpoken,
    LegStateChanged,
    MediaError,
    MediaEvent,
    MediaPort,
    Quality,
)

log = get_logger(__name__)
# A worker or a node that hangs must not hold up the end of the server, which has two seconds.
_LEAVE_WITHIN = 0.5

Ending = Literal["closed", "failed", "worker_lost"]


@dataclass(frozen=True, slots=True)
class Record:
    """One leg that is over. `numbers` is None when they were lost."""

    visit_id: str
    role: str
    participant: str
    started_at: datetime
    ended_at: datetime
    ending: Ending
    numbers: Quality | None

    def fields(self) -> dict[str, Any]:
        """For the visit's record, whose times say how long it was."""
        numbers = asdict(self.numbers) if self.numbers is not None else {}
        numbers.pop("seconds", None)
        return {
            "visit_id": self.visit_id,
            "role": self.role,
            "participant": self.participant,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "ending": self.ending,
            **numbers,
        }


@dataclass(frozen=True, slots=True)
class _Open:
    party: Party
    started_at: datetime


class QualityBook:
    """The legs that are connected, and a record of each when it is over."""

    def __init__(
        self,
        media: MediaPort,
        party_of: Callable[[str], Party | None],
        now: Callable[[], datetime],
        keep: Callable[[Record], Awaitable[object]],
    ) -> None:
        """`party_of`: who has the leg, while that is known; `keep` writes a record down."""
        self._media = media
        self._party_of = party_of
        self._now = now
        self._keep = keep
        self._open: dict[str, _Open] = {}
        self._writing: set[asyncio.Task[None]] = set()
        media.on_event(self._happened)

    async def stop(self) -> None:
        """The server ends: let go of what is open, and return when all records are written."""
        try:
            async with asyncio.timeout(_LEAVE_WITHIN):
                await self._media.leave()
        except (MediaError, TimeoutError) as error:
            log.warning("call.legs_not_left", error=error)
        self._lost(list(self._open))
        await asyncio.gather(*self._writing)

    def _happened(self, event: MediaEvent) -> None:
        if isinstance(event, LegOver):
            self._measured(event)
        elif isinstance(event, LegEnded):
            # By another server, or by the node: what it was like is told to one, with its card.
            self._open.pop(event.leg_id, None)
        elif isinstance(event, LegSpoken):
            self._open.pop(event.leg_id, None)
            if event.here and event.connected and (mine := self._party_of(event.leg_id)):
                self._open[event.leg_id] = _Open(mine, self._now())
        elif isinstance(event, LegsHomeless):
            if event.gone:
                self._lost(event.leg_ids)
        elif isinstance(event, LegStateChanged) and event.state == "connected":
            party = self._party_of(event.leg_id)
            if party is not None:
                self._open.setdefault(event.leg_id, _Open(party, self._now()))

    def _measured(self, event: LegOver) -> None:
        """It may have begun, and gone on, at other servers: its card says whose it was."""
        if event.card is not None and event.quality.seconds > 0:
            try:
                party = cards.read(event.leg_id, event.visit_id, event.card).party
            except cards.NoCard:
                log.error("call.card_not_read")
            else:
                began = self._now() - timedelta(seconds=event.quality.seconds)
                self._open[event.leg_id] = _Open(party, began)
        self._over(event.leg_id, event.state, event.quality)

    def _lost(self, leg_ids: Iterable[str]) -> None:
        for leg_id in leg_ids:
            self._over(leg_id, "worker_lost", None)

    def _over(self, leg_id: str, ending: Ending, numbers: Quality | None) -> None:
        leg = self._open.pop(leg_id, None)
        if leg is None:
            return
        who = leg.party
        record = Record(
            who.visit_id, who.role, who.participant, leg.started_at, self._now(), ending, numbers
        )
        task = spawn(self._write(record), name="call.quality")
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, record: Record) -> None:
        try:
            await self._keep(record)
        except Exception as error:
            log.error("call.quality_not_kept", error=error)
