"""What a visit's call was like: the record of each connection, and what they come to for a person.

Pure. Of nobody by name: a role, and an id that the visit alone gives sense to.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_WORKER_LOST = "worker_lost"


@dataclass(frozen=True, slots=True)
class CallQuality:
    """What the connection of one person to the visit's call was like, from its start to its end.

    `ending` is `closed`, `failed`, or `worker_lost`: then the numbers were lost with the worker.
    Else None stands for what was not measured. Loss is a fraction, before repair; bitrates are in
    bits a second. `participant` is the same in all connections of one person, None in records that
    are older than it.
    """

    visit_id: str
    role: str
    started_at: datetime
    ended_at: datetime
    ending: str
    participant: str | None = None
    transport: str | None = None
    loss_up: float | None = None
    loss_down: float | None = None
    jitter_up_ms: float | None = None
    jitter_down_ms: float | None = None
    round_trip_p50_ms: float | None = None
    round_trip_p95_ms: float | None = None
    bitrate_up: int | None = None
    bitrate_down: int | None = None
    restarts: int | None = None
    interruptions: int | None = None

    @property
    def seconds(self) -> float:
        """How long it was."""
        return (self.ended_at - self.started_at).total_seconds()


class CallWord(StrEnum):
    """The whole in a word; ``unknown``: nothing was measured."""

    GOOD = "good"
    WEAK = "weak"
    BAD = "bad"
    UNKNOWN = "unknown"


#: The least of each that makes the word: a part of the packets, seconds there and back, and
#: interruptions. The first two as people were told during the call: a contract test.
LEAST: tuple[tuple[CallWord, float, float, int], ...] = (
    # Who was interrupted so often could hardly talk; who was once remembers it.
    (CallWord.BAD, 0.12, 0.9, 3),
    (CallWord.WEAK, 0.04, 0.4, 1),
)


@dataclass(frozen=True, slots=True)
class PersonCall:
    """What the call was like for one person, over all the connections that she had to it.

    ``number`` tells people of one role apart, from 1, and is None for whoever is alone in it.
    ``seconds`` is the time with any connection; ``unmeasured`` how many of the connections left no
    numbers. These are means by time, but ``round_trip_p95_ms``, which is of the worst; units are
    those of ``CallQuality``.
    """

    role: str
    number: int | None
    word: CallWord
    transports: tuple[str, ...]
    seconds: int
    connections: int
    unmeasured: int
    interruptions: int
    restarts: int
    loss_up: float | None
    loss_down: float | None
    jitter_up_ms: float | None
    jitter_down_ms: float | None
    round_trip_p50_ms: float | None
    round_trip_p95_ms: float | None
    bitrate_up: int | None
    bitrate_down: int | None


def people_of(calls: Iterable[CallQuality]) -> list[PersonCall]:
    """The people of a call, in the order in which they came."""
    found: dict[tuple[str, str | None], list[CallQuality]] = {}
    for call in sorted(calls, key=lambda each: each.started_at):
        found.setdefault((call.role, call.participant), []).append(call)
    roles = [role for role, _ in found]
    numbers: dict[str, int] = {}
    people = []
    for (role, _), own in found.items():
        numbers[role] = numbers.get(role, 0) + 1
        people.append(_person(role, numbers[role] if roles.count(role) > 1 else None, own))
    return people


def _person(role: str, number: int | None, calls: Sequence[CallQuality]) -> PersonCall:
    def mean(of: Callable[[CallQuality], float | None]) -> float | None:
        # A connection of no length still has a say, if it is the only one.
        known = [(value, max(c.seconds, 0.1)) for c in calls if (value := of(c)) is not None]
        whole = sum(seconds for _, seconds in known)
        return sum(value * seconds for value, seconds in known) / whole if known else None

    # Its numbers died with the worker, and it with them: that much is known.
    interruptions = sum(
        1 if call.ending == _WORKER_LOST else call.interruptions or 0 for call in calls
    )
    losses = mean(lambda c: c.loss_up), mean(lambda c: c.loss_down)
    trip = mean(lambda c: c.round_trip_p50_ms)
    return PersonCall(
        role=role,
        number=number,
        word=_word(losses, trip, interruptions),
        transports=tuple(sorted({call.transport for call in calls if call.transport is not None})),
        seconds=round(_together(calls)),
        connections=len(calls),
        unmeasured=sum(call.ending == _WORKER_LOST for call in calls),
        interruptions=interruptions,
        restarts=sum(call.restarts or 0 for call in calls),
        loss_up=_rounded(losses[0], 4),
        loss_down=_rounded(losses[1], 4),
        jitter_up_ms=_rounded(mean(lambda c: c.jitter_up_ms), 1),
        jitter_down_ms=_rounded(mean(lambda c: c.jitter_down_ms), 1),
        round_trip_p50_ms=_rounded(trip, 1),
        round_trip_p95_ms=max(
            (c.round_trip_p95_ms for c in calls if c.round_trip_p95_ms is not None), default=None
        ),
        bitrate_up=_whole(mean(lambda c: c.bitrate_up)),
        bitrate_down=_whole(mean(lambda c: c.bitrate_down)),
    )


def _word(
    losses: tuple[float | None, float | None], trip: float | None, interruptions: int
) -> CallWord:
    known = [loss for loss in losses if loss is not None]
    lost, slow = max(known, default=0.0), (trip or 0.0) / 1000
    for word, loss, seconds, times in LEAST:
        if lost >= loss or slow >= seconds or interruptions >= times:
            return word
    return CallWord.GOOD if known or trip is not None else CallWord.UNKNOWN


def _together(calls: Sequence[CallQuality]) -> float:
    """Seconds with at least one of them; two tabs at once are no longer time."""
    seconds, until = 0.0, calls[0].started_at
    for call in calls:  # by their starts
        start = max(call.started_at, until)
        if call.ended_at > start:
            seconds += (call.ended_at - start).total_seconds()
            until = call.ended_at
    return seconds


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
