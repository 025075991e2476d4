"""An old snapshot and the hints since make the fresh snapshot, by the protocol's own rules."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.signaling.snapshots.cast import Cast, Json, LeapingClock, Player, gather
from tests.signaling.snapshots.held import Held, Hint, versioned
from tests.signaling.snapshots.walk import LOOK, Move, Walk, moves, thorough
from tests.signaling.stage import Stage, Tab, eventually

pytestmark = pytest.mark.property
_OPEN = {"called", "in_progress"}


@dataclass(frozen=True)
class Look:
    """What a person's screens held at one moment, and what the socket had told by then."""

    player: Player
    tab: Tab
    heard: int
    """How many hints there were when the fetching began; those that follow may be newer."""
    until: int
    """How many when all was there."""
    settled: bool
    """Whether everything that had happened was told by then, so that hints should lead here."""
    answers: dict[str, Json]
    sync: Json

    def held(self) -> Held:
        return Held.of(self.player.person.actor.audience, self.answers, self.sync)


@dataclass(frozen=True)
class Span:
    """The hints from one look to a later one of the same socket."""

    old: Look
    fresh: Look

    @property
    def before(self) -> list[Hint]:
        return self.old.tab.heard[: self.old.heard]

    @property
    def since(self) -> list[Hint]:
        return self.old.tab.heard[self.old.heard : self.fresh.until]


async def _look(cast: Cast, *, settled: bool) -> list[Look]:
    looks = []
    for player in cast.everybody:
        if player.tab is not None:
            heard = len(player.tab.heard)
            answers, sync = await cast.fetch(player), await cast.sync(player)
            until = len(player.tab.heard)
            looks.append(Look(player, player.tab, heard, until, settled, answers, sync))
    return looks


async def _play(stage: Stage, clock: LeapingClock, steps: Sequence[Move]) -> list[Look]:
    """Walk; the looks on the way, and at last those when everything was told."""
    cast = await gather(stage)
    walk = Walk(cast, clock)
    looks = await _look(cast, settled=False)
    for step in steps:
        if step.kind == LOOK:
            settled = step.which % 2 == 1
            if settled:
                await _settle(cast)
            looks += await _look(cast, settled=settled)
        else:
            await walk.make(step)
    await _settle(cast)
    looks += await _look(cast, settled=True)
    await cast.go()
    return looks


async def _settle(cast: Cast) -> None:
    """Until everything is told, also of those who are offline only after a grace."""
    gone = [each.person.actor.account_id for each in cast.everybody if each.tab is None]
    await eventually(lambda: not any(map(cast.stage.signaling.presence.is_online, gone)))
    await cast.stage.settle()


def _spans(looks: Sequence[Look]) -> list[Span]:
    """From each look to every settled one after it, as long as the socket lives.

    Who lost the socket begins anew with the next one, by a look.
    """
    return [
        Span(old, fresh)
        for at, old in enumerate(looks)
        for fresh in looks[at + 1 :]
        if fresh.settled and fresh.tab is old.tab
    ]


Disturbance = Callable[[Span, random.Random], list[Hint]]


def _as_they_came(span: Span, _chance: random.Random) -> list[Hint]:
    return span.since


def _doubled(span: Span, _chance: random.Random) -> list[Hint]:
    return [hint for hint in span.since for _ in range(2)]


def _from_before(span: Span, chance: random.Random) -> list[Hint]:
    late = list(span.since)
    for old in span.before[-20:]:
        late.insert(chance.randint(0, len(late)), old)
    return late


def _reordered(span: Span, chance: random.Random) -> list[Hint]:
    window = 5
    order = sorted(range(len(span.since)), key=lambda at: at + chance.uniform(0, window))
    return [span.since[at] for at in order]


def _last_lost(span: Span, _chance: random.Random) -> list[Hint]:
    last = {name: at for at, (name, _) in enumerate(span.since)}
    return [hint for at, hint in enumerate(span.since) if at not in last.values()]


DISTURBANCES: tuple[Disturbance, ...] = (
    _as_they_came,
    _doubled,
    _from_before,
    _reordered,
    _last_lost,
)
walks = st.lists(moves, min_size=5, max_size=50)


def _compare(held: Held, fresh: Look, note: str) -> None:
    for path in held.answers.keys() & fresh.answers.keys() - _UNVERSIONED:
        assert versioned(path, held.answers[path]) == versioned(path, fresh.answers[path]), note


# What is composed of other things: its parts have versions.
_UNVERSIONED = {"/api/v1/patient/overview", "/api/v1/staff/duty"}


def _check(span: Span, disturb: Disturbance, chance: random.Random) -> None:
    held, fresh = span.old.held(), span.fresh
    held.hear(disturb(span, chance))
    if disturb is not _last_lost:
        # Hints are enough for a ticket, and for a conversation whose lines came in order.
        needed = {path for path in held.behind() if "/queue-tickets/" in path}
        if disturb is not _reordered:
            needed |= {path for path in held.behind() if path.endswith("/messages")}
        assert not needed
        held.fetch(fresh.answers)
        _compare(held, fresh, disturb.__name__)
    if disturb in (_as_they_came, _doubled):
        _compare_presence(held, span)
    held.beat(fresh.sync)
    held.fetch(fresh.answers)
    _compare(held, fresh, f"{disturb.__name__}, then the heartbeat")


def _compare_presence(held: Held, span: Span) -> None:
    old, fresh = span.old, span.fresh
    base = f"/api/v1/{old.player.person.actor.audience}/visits/"
    known = {each["visit_id"] for each in old.sync["visits"]}
    for each in fresh.sync["visits"]:
        visit = fresh.answers[base + each["visit_id"]]
        if each["visit_id"] in known and visit["state"] in _OPEN:
            assert held.online[each["visit_id"]] == each["peer_online"]


def _nothing_untold(span: Span) -> None:
    """Whatever changed was told: no version is higher than the hints say."""
    held, fresh = span.old.held(), span.fresh
    held.hear(span.since)
    truth = Held.of(held.audience, fresh.answers, fresh.sync)
    for path in held.answers.keys() & fresh.answers.keys() - _UNVERSIONED:
        assert max(held.told.get(path, 0), held.version(path)) == truth.version(path), path


def _one_content_for_each_version(looks: Sequence[Look]) -> None:
    """Or the heartbeat, which compares versions alone, would leave something stale for good."""
    seen: dict[tuple[str, str, int], Json] = {}
    for look in looks:
        held = look.held()
        for path in held.answers.keys() - _UNVERSIONED:
            content = versioned(path, held.answers[path])
            key = look.player.person.token, path, held.version(path)
            assert seen.setdefault(key, content) == content


def _check_all(looks: Sequence[Look], chance: random.Random) -> None:
    _one_content_for_each_version(looks)
    spans = _spans(looks)
    assert spans
    for span in spans:
        _nothing_untold(span)
        for disturb in DISTURBANCES:
            _check(span, disturb, chance)


@settings(max_examples=10, phases=set(Phase) - {Phase.explain})
@given(steps=walks, seed=st.integers(0, 2**32))
async def test_a_snapshot_and_the_hints_since_make_the_fresh_snapshot(
    stage: Stage, clock: LeapingClock, steps: list[Move], seed: int
) -> None:
    _check_all(await _play(stage, clock, steps), random.Random(seed))


async def test_the_walks_reach_what_hints_tell_of(stage: Stage, clock: LeapingClock) -> None:
    looks = await _play(stage, clock, thorough())
    tabs = {id(look.tab): look.tab for look in looks}.values()
    heard = [hint for tab in tabs for hint in tab.heard]
    names = {name for name, _ in heard}
    told = {"ticket.changed", "visit.changed", "queue.changed", "message.posted", "guest.changed"}
    assert names >= told | {"presence.changed"}
    tickets = [hint for name, hint in heard if name == "ticket.changed"]
    assert {"waiting", "called", "admitted", "left", "done"} <= {hint["state"] for hint in tickets}
    assert "range" in {hint["wait"]["kind"] for hint in tickets}
    assert {True, False} == {hint["requeued"] for hint in tickets}
    _check_all(looks, random.Random(0))
