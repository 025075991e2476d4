"""How well connections carry: numbers for a visit's record, and for the worker's metrics.

Taken once a second, with the reports: nothing here is touched for a packet, and nothing grows with
time. There is no address in them, and nothing that was said or shown.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from signaling.media import rtp, slots
from signaling.media.states import LegState

if TYPE_CHECKING:
    from signaling.media.downlink import Downlink
    from signaling.media.leg import Leg
    from signaling.media.paths import Transport

# Upper bounds, each a seventh above the one before: 1 ms to 12 s.
_TRIPS = tuple(0.001 * 1.15**n for n in range(68))
ROUND_TRIPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
LOSSES = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
JITTERS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
BITRATES = (50_000.0, 100_000.0, 250_000.0, 500_000.0, 1e6, 2e6, 4e6)


class Distribution:
    """How often a value fell between which bounds; the last count is of what is above all."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value; one that is a bound belongs below it."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def quantile(self, part: float) -> float | None:
        """The value below which this part of all lies, by its bucket's middle; None of nothing."""
        count = sum(self.counts)
        if not count:
            return None
        at = next(n for n, seen in enumerate(accumulate(self.counts)) if seen >= part * count)
        below = self.bounds[at - 1] if at else 0.0
        return (below + self.bounds[min(at, len(self.bounds) - 1)]) / 2

    def shown(self) -> dict[str, Any]:
        """For the control socket."""
        return {"bounds": self.bounds, "counts": self.counts, "sum": self.total}


class _Mean:
    __slots__ = ("_count", "_total")

    def __init__(self) -> None:
        self._count, self._total = 0, 0.0

    def add(self, value: float | None) -> None:
        if value is not None:
            self._count += 1
            self._total += value

    def __call__(self) -> float | None:
        return self._total / self._count if self._count else None


@dataclass(frozen=True, slots=True)
class Summary:
    """A leg, from its handshake on. None for what could not be measured.

    Loss is a fraction, before repair, of this leg's own link: what a sender's link loses is no loss
    of those who were to be sent it. Bitrates are in bits a second.
    """

    seconds: float
    transport: Transport | None
    loss_up: float | None
    loss_down: float | None
    jitter_up_ms: float | None
    jitter_down_ms: float | None
    round_trip_p50_ms: float | None
    round_trip_p95_ms: float | None
    bitrate_up: int | None
    bitrate_down: int | None
    restarts: int
    interruptions: int


@dataclass(slots=True)
class LegCounters:
    """Since the leg was opened."""

    packets_in: int = 0
    packets_out: int = 0
    send_errors: int = 0
    nack_hits: int = 0
    nack_upstream: int = 0
    keyframes_asked: int = 0


class LegQuality:
    """What one leg's connection was like."""

    __slots__ = (
        "_came_down", "_jitter_down", "_jitter_up", "_octets_up", "_sent_down", "_trips",
        "bitrate_up", "connected_at", "interruptions", "transport",
    )  # fmt: skip

    def __init__(self) -> None:
        self.connected_at: float | None = None
        self.interruptions = 0
        self.transport: Transport | None = None
        self.bitrate_up = 0.0
        self._octets_up = 0
        self._sent_down = self._came_down = 0
        self._trips = Distribution(_TRIPS)
        self._jitter_up, self._jitter_down = _Mean(), _Mean()

    def moved(self, state: LegState, now: float) -> None:
        """The leg has a new state."""
        if state is LegState.CONNECTED and self.connected_at is None:
            self.connected_at = now
        elif state is LegState.DISCONNECTED:
            self.interruptions += 1

    def reported(self, sent: int, came: int) -> None:
        """Of so many packets that left for the peer, so many came, by its own reports."""
        self._sent_down += sent
        self._came_down += came

    def sample(self, leg: Leg, passed: float) -> tuple[float | None, float | None, float | None]:
        """Note how it is; the round trip and the jitter, up and down, in seconds.

        `passed`: the seconds since the sample before.
        """
        if leg.path is not None:
            self.transport = leg.path.port.transport
        octets = sum(source.octets for source in leg.up.values())
        self.bitrate_up = (octets - self._octets_up) * 8 / passed
        self._octets_up = octets
        trips = [d.round_trip for d in _sent(leg) if d.round_trip is not None]
        trip = max(trips) if trips else None
        if trip is not None:
            self._trips.observe(trip)
        # Of the sound: a picture's packets come in bursts, which looks like jitter.
        up = [u.jitter / u.clock_rate for u in leg.live(slots.AUDIO)]
        down = [d.jitter / d.clock_rate for d in _sent(leg) if d.payload_type == rtp.OPUS]
        jitter_up, jitter_down = max(up, default=None), max(down, default=None)
        self._jitter_up.add(jitter_up)
        self._jitter_down.add(jitter_down)
        return trip, jitter_up, jitter_down

    def summary(self, leg: Leg, now: float) -> Summary:
        """All of it, as of now."""
        seconds = 0.0 if self.connected_at is None else now - self.connected_at
        expected = sum(u.highest - u.first + 1 for u in leg.up.values())
        arrived = sum(u.received for u in leg.up.values())
        octets_up = sum(u.octets for u in leg.up.values())
        octets_down = sum(d.octets for d in leg.down.values())
        return Summary(
            seconds=round(seconds, 1),
            transport=self.transport if leg.path is None else leg.path.port.transport,
            loss_up=_part(max(0, expected - arrived), expected),
            loss_down=_part(self._sent_down - self._came_down, self._sent_down),
            jitter_up_ms=_ms(self._jitter_up()),
            jitter_down_ms=_ms(self._jitter_down()),
            round_trip_p50_ms=_ms(self._trips.quantile(0.5)),
            round_trip_p95_ms=_ms(self._trips.quantile(0.95)),
            bitrate_up=int(octets_up * 8 / seconds) if seconds >= 1 else None,
            bitrate_down=int(octets_down * 8 / seconds) if seconds >= 1 else None,
            restarts=leg.version - 1,
            interruptions=self.interruptions,
        )


class WorkerQuality:
    """What all legs' connections were like, and what they did that are gone."""

    def __init__(self) -> None:
        self.round_trip = Distribution(ROUND_TRIPS)
        self.loss = {"up": Distribution(LOSSES), "down": Distribution(LOSSES)}
        self.jitter = {"up": Distribution(JITTERS), "down": Distribution(JITTERS)}
        self.bitrate = {"up": Distribution(BITRATES), "down": Distribution(BITRATES)}
        self.changes = Counter[str]()
        self._gone = LegCounters()

    def sample(self, leg: Leg, passed: float) -> None:
        """A second of one leg."""
        trip, jitter_up, jitter_down = leg.quality.sample(leg, passed)
        if trip is not None:
            self.round_trip.observe(trip)
        if jitter_up is not None:
            self.jitter["up"].observe(jitter_up)
        if jitter_down is not None:
            self.jitter["down"].observe(jitter_down)
        if up := [u.fraction_lost for u in leg.up.values() if not u.retired]:
            self.loss["up"].observe(max(up) / 256)
        if down := [d.fraction_lost for d in _sent(leg)]:
            self.loss["down"].observe(max(down) / 256)
        self.bitrate["up"].observe(leg.quality.bitrate_up)
        self.bitrate["down"].observe(leg.forwarded_bitrate)

    def gone(self, leg: Leg) -> None:
        """A leg is no more: what it counted stays counted."""
        _add(self._gone, leg.counters)

    def shown(self, legs: Sequence[Leg]) -> dict[str, Any]:
        """For the control socket: totals of these and of all that are gone, and distributions."""
        total = LegCounters()
        for counters in (self._gone, *(leg.counters for leg in legs)):
            _add(total, counters)
        return {
            "totals": asdict(total),
            "changes": dict(self.changes),
            "round_trip": self.round_trip.shown(),
            **{
                name: {way: each.shown() for way, each in both.items()}
                for name, both in (
                    ("loss", self.loss), ("jitter", self.jitter), ("bitrate", self.bitrate),
                )
            },
        }  # fmt: skip


def _sent(leg: Leg) -> list[Downlink]:
    return [stream for stream in leg.down.values() if stream.source is not None and stream.packets]


def _add(total: LegCounters, more: LegCounters) -> None:
    for each in fields(LegCounters):
        setattr(total, each.name, getattr(total, each.name) + getattr(more, each.name))


def _part(some: int, of: int) -> float | None:
    return round(min(1.0, some / of), 4) if of else None


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
