"""The media workers of this machine: which of them holds a visit, and what becomes of it."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from signaling.rooms.media_port import (
    LegsHomeless,
    LegStateChanged,
    MediaError,
    MediaEvent,
    MediaListener,
    MediaUnavailable,
    NoSuchLeg,
)
from signaling.worker.client import notify
from signaling.worker.place import Place
from signaling.worker.supervisor import Supervisor

_OVER = ("failed", "closed")


@dataclass(slots=True, eq=False)
class _Worker:
    """One worker, its successors included, and the legs that were placed on it."""

    supervisor: Supervisor
    legs: set[str] = field(default_factory=set)

    @property
    def takes(self) -> bool:
        """Whether a visit may begin here."""
        return self.supervisor.ready and not self.supervisor.retiring


@dataclass(slots=True, eq=False)
class _Visit:
    """Where a visit's next leg goes, and the legs that it has, also those left behind elsewhere."""

    home: _Worker
    legs: set[str] = field(default_factory=set)


class WorkerPool:
    """A `MediaPort` over several workers. All legs of a visit are on one: it joins them.

    A visit begins at the worker with the fewest legs. It moves when that one dies or retires: its
    legs are said to be homeless, and whoever asks for a new one gets it elsewhere.
    """

    def __init__(self, place: Place, count: int = 1) -> None:
        self._workers = [_Worker(Supervisor(place.of(number))) for number in range(count)]
        self._visits: dict[str, _Visit] = {}
        self._legs: dict[str, tuple[str, _Worker]] = {}
        self._listeners: list[MediaListener] = []
        for worker in self._workers:
            worker.supervisor.on_event(partial(self._happened, worker))
            worker.supervisor.on_lost(partial(self._lost, worker))
            worker.supervisor.on_retiring(partial(self._retiring, worker))

    async def start(self) -> None:
        """Start every worker. Raises `MediaUnavailable` when one can't: then none runs."""
        starts = await asyncio.gather(
            *(worker.supervisor.start() for worker in self._workers), return_exceptions=True
        )
        failures = [failure for failure in starts if failure is not None]
        if failures:
            await self.stop()
            raise failures[0]

    async def stop(self) -> None:
        """End every worker, and return when they are gone."""
        await asyncio.gather(*(worker.supervisor.stop() for worker in self._workers))

    def __len__(self) -> int:
        """How many workers there are."""
        return len(self._workers)

    @property
    def legs(self) -> int:
        """How many legs are open."""
        return len(self._legs)

    @property
    def ready(self) -> bool:
        """Whether any worker takes visits."""
        return any(worker.takes for worker in self._workers)

    # -- MediaPort ----------------------------------------------------------------------------

    async def open_leg(
        self, visit_id: str, leg_id: str, participant: str, *, echo: bool = False
    ) -> str:
        """Open a leg where its visit is, or begin the visit; the SDP offer.

        Raises `MediaUnavailable` when no worker is there, `MediaFull` when none has room.
        """
        refusal = MediaUnavailable("no media worker is running")
        for worker in self._choices(visit_id):
            visit = self._visits.get(visit_id)
            if visit is None:
                visit = self._visits[visit_id] = _Visit(worker)
            elif visit.home is not worker:
                if self._inhabited(visit):
                    # Somebody else came in meanwhile, where this one did not get in.
                    break
                visit.home = worker
            self._enter(visit_id, leg_id, worker)
            try:
                return await worker.supervisor.open_leg(visit_id, leg_id, participant, echo=echo)
            except MediaUnavailable as error:
                if leg_id not in self._legs:  # its worker died, and the leg was said to be homeless
                    raise
                refusal = error
                self._forget(leg_id)
            except BaseException:
                self._forget(leg_id)
                raise
        raise refusal

    async def answer(self, leg_id: str, sdp: str) -> None:
        """See `WorkerClient.answer`."""
        await self._worker_of(leg_id).answer(leg_id, sdp)

    async def restart(self, leg_id: str) -> str:
        """See `WorkerClient.restart`."""
        return await self._worker_of(leg_id).restart(leg_id)

    async def present(self, leg_id: str, *, on: bool) -> None:
        """See `WorkerClient.present`."""
        await self._worker_of(leg_id).present(leg_id, on=on)

    async def prefer(self, leg_id: str, *, on: bool) -> None:
        """See `WorkerClient.prefer`."""
        await self._worker_of(leg_id).prefer(leg_id, on=on)

    async def switch(self, leg_id: str, *, pictures: bool, on_hold: bool) -> None:
        """See `WorkerClient.switch`."""
        await self._worker_of(leg_id).switch(leg_id, pictures=pictures, on_hold=on_hold)

    async def close_leg(self, leg_id: str) -> None:
        """See `WorkerClient.close_leg`; one that no worker holds is closed already."""
        placed = self._legs.get(leg_id)
        if placed is None:
            return
        self._forget(leg_id)
        await placed[1].supervisor.close_leg(leg_id)

    async def leave(self) -> None:
        """Close every leg: the workers end with this process."""
        closing = (self.close_leg(leg_id) for leg_id in list(self._legs))
        for failure in await asyncio.gather(*closing, return_exceptions=True):
            if isinstance(failure, BaseException) and not isinstance(failure, MediaError):
                raise failure

    def on_event(self, listener: MediaListener) -> None:
        """Call `listener` for every event of every worker, and when legs lose theirs."""
        self._listeners.append(listener)

    async def stats(self) -> Mapping[str, object]:
        """Counters of each worker, in the order of their ports; None for one that is away."""
        return {"workers": [await _stats(worker) for worker in self._workers]}

    # -- who is where -------------------------------------------------------------------------

    def _choices(self, visit_id: str) -> Iterable[_Worker]:
        """Where to try, best first; only one when others of the visit are there already."""
        visit = self._visits.get(visit_id)
        free = sorted((one for one in self._workers if one.takes), key=lambda one: len(one.legs))
        if visit is not None and self._inhabited(visit):
            return [visit.home]
        return free

    def _inhabited(self, visit: _Visit) -> bool:
        """Whether others of the visit are at its home, and will stay."""
        return visit.home.takes and not visit.legs.isdisjoint(visit.home.legs)

    def _enter(self, visit_id: str, leg_id: str, worker: _Worker) -> None:
        self._legs[leg_id] = (visit_id, worker)
        self._visits[visit_id].legs.add(leg_id)
        worker.legs.add(leg_id)

    def _forget(self, leg_id: str) -> None:
        visit_id, worker = self._legs.pop(leg_id, (None, None))
        if visit_id is None or worker is None:
            return
        worker.legs.discard(leg_id)
        visit = self._visits[visit_id]
        visit.legs.discard(leg_id)
        if not visit.legs:
            del self._visits[visit_id]

    def _worker_of(self, leg_id: str) -> Supervisor:
        placed = self._legs.get(leg_id)
        if placed is None:
            raise NoSuchLeg("no worker holds this leg")
        return placed[1].supervisor

    # -- what workers say ---------------------------------------------------------------------

    def _happened(self, worker: _Worker, event: MediaEvent) -> None:
        placed = None if isinstance(event, LegsHomeless) else self._legs.get(event.leg_id)
        if placed is not None and placed[1] is not worker:
            return  # one that answered too late: the leg that it opened is elsewhere by now
        if isinstance(event, LegStateChanged) and event.state in _OVER:
            self._forget(event.leg_id)
        notify(self._listeners, event)

    def _lost(self, worker: _Worker) -> None:
        """A worker died: its legs are gone."""
        legs = frozenset(worker.legs)
        for leg_id in legs:
            self._forget(leg_id)
        if legs:
            notify(self._listeners, LegsHomeless(legs, gone=True))

    def _retiring(self, worker: _Worker) -> None:
        """A worker goes when it is empty: its visits move, if there is anywhere to go."""
        if worker.legs and self.ready:
            notify(self._listeners, LegsHomeless(frozenset(worker.legs), gone=False))


async def _stats(worker: _Worker) -> Mapping[str, object] | None:
    try:
        return await worker.supervisor.stats()
    except MediaError:
        return None
