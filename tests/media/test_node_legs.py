"""What a node tells its servers of legs, in which order, and what it holds for nobody."""

import asyncio
from typing import Any

import pytest
from typing_extensions import override

from server.kit.tasks import spawn
from signaling.rooms.media_port import (
    LegCard,
    LegEnded,
    LegJudged,
    LegSaid,
    LegStateChanged,
    MediaError,
    MediaUnavailable,
    NoSuchLeg,
)
from signaling.worker import node_legs, wire
from signaling.worker.node_legs import NodeLegs
from tests.media.peers import until
from tests.media.site import Site
from tests.signaling.fakes import FakeMedia
from tests.signaling.test_call_quality import NUMBERS


class Line:
    """A server's connection, as a list of what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def tell(self, message: dict[str, Any]) -> None:
        self.told.append(message)

    def ends(self) -> list[tuple[str, str]]:
        return [(m["leg_id"], m["reason"]) for m in self.told if m["event"] == "leg.ended"]

    def of(self, event: str) -> list[str]:
        return [m["leg_id"] for m in self.told if m["event"] == event]


class Slow(FakeMedia):
    """Answers when it is let, in the order in which it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    @override
    async def open_leg(
        self, visit_id: str, leg_id: str, participant: str, *, echo: bool = False
    ) -> str:
        await self.go.wait()
        return await super().open_leg(visit_id, leg_id, participant, echo=echo)

    @override
    async def close_leg(self, leg_id: str) -> None:
        await self.go.wait()
        self.report(leg_id, "closed")  # as a worker does
        await super().close_leg(leg_id)


def node(media: FakeMedia, lines: int = 3) -> tuple[NodeLegs, list[Line]]:
    legs, servers = NodeLegs(media), [Line() for _ in range(lines)]
    for line in servers:
        legs.watch(line)
    return legs, servers


async def opened(legs: NodeLegs, line: Line, leg_id: str, who: str = "patient") -> None:
    await legs.open(line, "visit", leg_id, who, echo=False)
    legs.put_card(line, leg_id, f"card of {leg_id}")


async def test_of_joins_that_cross_the_last_one_stays() -> None:
    media = Slow()
    legs, (a, b, c) = node(media)
    media.go.set()
    await opened(legs, a, "first")
    media.go.clear()
    asked = [
        spawn(legs.open(line, "visit", leg_id, "patient", echo=False), name="open")
        for line, leg_id in ((a, "second"), (b, "third"), (c, "fourth"))
    ]
    await asyncio.sleep(0)
    media.go.set()
    lost, lost_too, offer = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(lost, NoSuchLeg)
    assert isinstance(lost_too, NoSuchLeg)
    assert offer == "v=0 offer fourth"
    assert list(media.legs) == ["fourth"]
    assert len(legs) == len(legs._places) == 1
    assert a.ends() == [("first", "replaced"), ("second", "replaced")]
    assert b.ends() == [("first", "replaced"), ("third", "replaced")]
    assert a.of("leg.state") == b.of("leg.state") == [], "it was replaced, which all are told next"
    assert c.ends() == [("first", "replaced")], "of what never had a card the others hear nothing"


async def test_one_that_was_ended_for_a_successor_that_failed_is_gone_for_all() -> None:
    media = FakeMedia()
    legs, (a, b, c) = node(media)
    await opened(legs, a, "first")
    media.available = False
    with pytest.raises(MediaUnavailable):
        await legs.open(b, "visit", "second", "patient", echo=False)
    assert a.ends() == b.ends() == c.ends() == [("first", "worker")]
    assert len(legs) == len(legs._places) == 0


async def test_others_hear_of_a_leg_with_its_card_and_then_everything() -> None:
    media = FakeMedia()
    legs, (a, b, _) = node(media)
    await legs.open(a, "visit", "p", "patient", echo=False)
    assert a.of("leg.slots") == ["p"]
    assert b.told == []
    legs.put_card(a, "p", "one")
    assert [message["event"] for message in b.told] == ["leg.card", "leg.slots"]
    legs.put_card(a, "p", "two")
    media.happen(LegJudged("p", "bad", "loss", "up"))
    assert [message["event"] for message in b.told[2:]] == ["leg.card", "leg.judged"]
    assert a.of("leg.card") == [], "it wrote it"
    await legs.open(a, "check", "echo", "check", echo=True)
    legs.put_card(a, "echo", "a test of equipment is nobody else's")
    assert set(b.of("leg.card") + b.of("leg.slots")) == {"p"}
    late = Line()
    legs.watch(late)
    assert [m["event"] for m in late.told] == ["leg.card", "leg.slots", "leg.judged"]
    assert late.told[0]["card"] == "two"


async def test_who_let_go_can_end_nothing_for_want_of_a_socket() -> None:
    """Its grace was over in the very moment in which the other server took the leg."""
    media = FakeMedia()
    legs, (a, b, _) = node(media)
    await opened(legs, a, "p")
    legs.adopt(b, "p")
    assert a.told[-1] == {
        "event": "leg.spoken", "leg_id": "p", "connected": False, "here": False
    }  # fmt: skip
    await legs.close(a, "p", "connection_lost")
    assert "p" in media.legs
    with pytest.raises(NoSuchLeg):
        legs.own(a, "p")
    await legs.close(a, "p", "left")
    assert not media.legs
    assert b.ends() == [("p", "left")]
    await legs.close(b, "p", "left")
    with pytest.raises(NoSuchLeg):
        legs.adopt(b, "p")


async def test_a_worker_that_dies_or_retires_is_told_of_legs_without_a_server_too() -> None:
    media = FakeMedia()
    legs, (a, b, c) = node(media)
    await opened(legs, a, "p")
    await opened(legs, b, "c", "clinician")
    legs.gone(a)
    media.retire()
    await asyncio.sleep(0)
    assert b.ends() == c.ends() == [("p", "worker")], "nobody else could send its person away"
    assert b.of("leg.state") == []
    assert set(media.legs) == {"c"}
    media.die()
    assert b.told[-1] == {"event": "legs.homeless", "leg_ids": ["c"], "gone": True}
    assert c.ends()[-1] == ("c", "worker")
    assert len(legs) == 0


async def test_what_a_leg_was_like_is_told_once_and_waits_for_a_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(node_legs, "KEPT_FOR", 0.0)
    media = FakeMedia()
    media.ends_with = NUMBERS
    legs, (a, b, c) = node(media)
    await opened(legs, a, "p")
    await opened(legs, a, "c", "clinician")
    await legs.close(b, "c", "left")
    assert (a.of("leg.over"), b.of("leg.over"), c.of("leg.over")) == (["c"], [], [])
    for line in (b, c, a):
        legs.gone(line)
    await until(lambda: not media.legs)
    late, later = Line(), Line()
    legs.watch(late)
    legs.watch(later)
    assert late.of("leg.over") == ["p"]
    assert late.told[0]["card"] == "card of p"
    assert later.told == []


async def test_what_is_kept_for_nobody_is_bounded() -> None:
    media = FakeMedia()
    media.ends_with = NUMBERS
    legs, (a,) = node(media, 1)
    for number in range(node_legs.MAX_UNHEARD + 5):
        await legs.open(a, f"visit {number}", f"{number}", "patient", echo=False)
        legs.put_card(a, f"{number}", "card")
    legs.gone(a)
    for leg in list(legs._legs.values()):
        legs._end_alone([leg], "connection_lost")
    await until(lambda: not media.legs)
    assert len(legs._unheard) == node_legs.MAX_UNHEARD


async def test_a_word_goes_to_a_leg_of_the_same_visit_alone(site: Site) -> None:
    await site.node("a")
    (first, _), (second, heard) = await site.server(), await site.server()
    await asyncio.gather(first.watch(), second.watch())
    await first.open_leg("visit", "p", "patient")
    await second.open_leg("visit", "c", "clinician")
    await second.open_leg("another", "x", "patient")
    first.put_card("p", "of p")
    await until(lambda: LegCard("p", "visit", "of p") in heard)
    second.put_card("c", "of c")
    second.put_card("x", "of x")
    await until(lambda: {"c", "x"} <= set(first._others))
    for leg_id in ("x", "c"):
        first.say(leg_id, "p", "hello")
    await until(lambda: LegSaid("c", "p", "hello") in heard)
    assert [event for event in heard if isinstance(event, LegSaid)] == [LegSaid("c", "p", "hello")]
    first._others["c"], first._legs["y"] = first._others["c"], first._others["c"]
    first.say("c", "c", "in somebody else's name")
    first.say("c", "p", "again")
    await until(lambda: LegSaid("c", "p", "again") in heard)
    assert len([event for event in heard if isinstance(event, LegSaid)]) == 2


async def test_a_card_that_is_too_long_is_told_to_nobody(site: Site) -> None:
    await site.node("a")
    (first, _), (second, heard) = await site.server(), await site.server()
    await asyncio.gather(first.watch(), second.watch())
    await first.open_leg("visit", "p", "patient")
    first.put_card("p", "x" * (wire.MAX_CARD + 1))
    first.put_card("p", "x" * wire.MAX_CARD)
    await until(lambda: any(isinstance(event, LegCard) for event in heard))
    (card,) = [event for event in heard if isinstance(event, LegCard)]
    assert len(card.card) == wire.MAX_CARD
    assert await first.restart("p"), "and the connection stands"


async def test_a_connection_that_breaks_loses_a_server_the_calls_of_that_node(site: Site) -> None:
    await site.node("a")
    (first, heard), (second, others) = await site.server(), await site.server()
    await asyncio.gather(first.watch(), second.watch())
    await first.open_leg("visit", "p", "patient")
    first.put_card("p", "of p")
    await second.open_leg("visit", "c", "clinician")
    second.put_card("c", "of c")
    await until(lambda: "c" in first._others)
    (client,) = first._clients.values()
    assert client._transport is not None
    client._transport.abort()
    await until(lambda: LegEnded("c", "worker") in heard)
    await until(lambda: heard.count(LegCard("c", "visit", "of c")) == 2)
    assert LegCard("p", "visit", "of p") in heard, "what was its own, too, for whoever comes back"
    await first.adopt("p")
    assert await first.restart("p")
    assert LegEnded("p", "worker") not in others
    with pytest.raises(MediaError):
        await second.restart("p")
    assert not [e for e in others if isinstance(e, LegStateChanged)]
