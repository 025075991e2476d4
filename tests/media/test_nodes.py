"""Media nodes over TCP, as several servers use them: whose leg is whose, and deaths."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from signaling.rooms.media_port import (
    BadSdp,
    LegCard,
    LegEnded,
    LegOver,
    LegsHomeless,
    LegSlotsChanged,
    LegSpoken,
    LegStateChanged,
    MediaError,
    MediaFull,
    MediaUnavailable,
    NoSuchLeg,
)
from signaling.worker import client as client_module
from signaling.worker import node_legs
from signaling.worker.node import NodeServer
from signaling.worker.node_pool import NodePool
from signaling.worker.place import Place
from signaling.worker.pool import WorkerPool
from tests.media.peers import Robot, until
from tests.media.site import HOST, TOKEN, Seen, Site


async def test_a_visit_is_held_together_over_servers(site: Site) -> None:
    for name in ("a", "b"):
        await site.node(name)
    (first, heard), (second, others) = await site.server(), await site.server()
    offer = await first.open_leg("visit", "p", "patient")
    assert offer == "v=0 offer p"
    held_by = site.shared.visits["visit"]
    site.shared.nodes[held_by] = replace(site.shared.nodes[held_by], legs=399)
    await asyncio.sleep(0.1)
    assert await second.open_leg("visit", "c", "clinician")
    assert set(site.media[held_by].legs) == {"p", "c"}
    other = next(name for name in site.media if name != held_by)
    await second.open_leg("another", "x", "patient")
    assert set(site.media[other].legs) == {"x"}, "a visit begins where the load is least"
    # Each is told of its own legs alone, and may ask for nothing of the others'.
    slots = LegSlotsChanged("p", ("clinician", None, None, None, None), None, held=False)
    await until(lambda: slots in heard)
    assert {getattr(event, "leg_id", None) for event in others} == {"c", "x"}
    for ask in (second.restart("p"), second.answer("p", "v=0"), second.present("p", on=True)):
        with pytest.raises(NoSuchLeg):
            await ask
    second._legs["p"] = held_by  # a server that lies, or mixes up its legs
    for ask in (second.restart("p"), second.answer("p", "v=0"), second.present("p", on=True)):
        with pytest.raises(NoSuchLeg):
            await ask
    with pytest.raises(MediaError):
        await second.open_leg("visit", "p", "patient")
    with pytest.raises(BadSdp):
        await first.answer("p", "noise")
    await first.answer("p", "v=0 answer")
    assert site.media[held_by].answered == ["p"]
    await first.close_leg("p")
    assert set(site.media[held_by].legs) == {"c"}


async def test_a_node_that_dies_leaves_its_legs_homeless(site: Site) -> None:
    for name in ("a", "b"):
        await site.node(name)
    server, heard = await site.server()
    await server.open_leg("visit", "p", "patient")
    held_by = site.shared.visits["visit"]
    del site.shared.nodes[held_by]
    site.nodes[held_by].stop()
    await until(lambda: LegsHomeless(frozenset({"p"}), gone=True) in heard)
    assert await server.open_leg("visit", "p2", "patient")
    assert site.shared.visits["visit"] != held_by


async def test_a_node_that_falls_silent_is_given_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.node("a")
    server, heard = await site.server()
    await server.open_leg("visit", "p", "patient")
    seen = site.shared.nodes.pop("a")  # no heartbeat; but it answers: the directory was away
    await until(lambda: not server.ready)
    await asyncio.sleep(0.1)
    assert await server.restart("p")
    monkeypatch.setattr(client_module, "ANSWER_WITHIN", 0.2)
    (line,) = site.nodes["a"].lines
    assert line._transport is not None
    line._transport.pause_reading()  # type: ignore[attr-defined]
    await until(lambda: LegsHomeless(frozenset({"p"}), gone=True) in heard)
    assert not server.ready
    with pytest.raises(MediaUnavailable):
        await server.open_leg("visit", "p", "patient")
    site.shared.nodes["a"] = seen
    await until(lambda: server.ready)
    assert await server.open_leg("another", "p2", "patient")


async def test_a_node_that_drains_is_left_one_by_one(site: Site) -> None:
    for name in ("a", "b"):
        await site.node(name)
    server, heard = await site.server()
    await server.open_leg("visit", "p", "patient")
    held_by = site.shared.visits["visit"]
    site.shared.nodes[held_by] = replace(site.shared.nodes[held_by], draining=True)
    await until(lambda: LegsHomeless(frozenset({"p"}), gone=False) in heard)
    assert "p" in site.media[held_by].legs, "it carries on until it is closed"
    await server.close_leg("p")
    await server.open_leg("visit", "p2", "patient")
    assert not site.media[held_by].legs


async def test_a_worker_that_dies_on_a_node_is_told(site: Site) -> None:
    await site.node("a")
    server, heard = await site.server()
    _, others = await site.server()
    await server.open_leg("visit", "p", "patient")
    site.media["a"].die()
    await until(lambda: LegsHomeless(frozenset({"p"}), gone=True) in heard)
    assert not others
    assert await server.open_leg("visit", "p2", "patient")


async def test_legs_of_a_server_that_died_are_closed_after_a_while(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_legs, "KEPT_FOR", 0.2)
    await site.node("a")
    server, _ = await site.server()
    await server.open_leg("visit", "p", "patient")
    await server.stop()
    assert site.media["a"].legs
    await until(lambda: not site.media["a"].legs)
    assert not len(site.nodes["a"].legs)


async def test_a_full_node_is_passed_over(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        await site.node(name)
    server, _ = await site.server()
    first = server._usable()[0]
    other = next(name for name in site.media if name != first)

    async def full(*_: str, echo: bool = False) -> str:
        raise MediaFull("all legs are taken")

    monkeypatch.setattr(site.media[first], "open_leg", full)
    assert await server.open_leg("visit", "p", "patient")
    assert site.shared.visits["visit"] == other
    monkeypatch.setattr(site.media[other], "open_leg", full)
    with pytest.raises(MediaFull):
        await server.open_leg("visit", "c", "clinician")
    with pytest.raises(MediaFull):
        await server.open_leg("another", "x", "patient")
    # Whose visit was put on a node that is full, and has nobody there, is held up by nothing.
    monkeypatch.undo()
    monkeypatch.setattr(site.media[site.shared.visits["another"]], "open_leg", full)
    assert await server.open_leg("another", "x", "patient")


async def test_a_visit_is_not_torn_apart_by_a_full_node(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        await site.node(name)
    (first, _), (second, _) = await site.server(), await site.server()
    await first.open_leg("visit", "p", "patient")
    held_by = site.shared.visits["visit"]

    async def full(*_: str, echo: bool = False) -> str:
        raise MediaFull("all legs are taken")

    monkeypatch.setattr(site.media[held_by], "open_leg", full)
    with pytest.raises(MediaFull):
        await second.open_leg("visit", "c", "clinician")
    assert site.shared.visits["visit"] == held_by
    await first.close_leg("p")
    assert await second.open_leg("visit", "c", "clinician")
    assert site.shared.visits["visit"] != held_by


async def test_counters_of_many_legs_end_no_call(site: Site) -> None:
    """What a node tells of its workers fits in a line, and is of nobody else's legs."""
    await site.node("a")
    server, heard = await site.server()
    await server.open_leg("visit", "p", "patient")
    one = {"legs_open": 1000, "legs": {f"leg {n}": {"visit_id": "v" * 300} for n in range(1000)}}
    site.media["a"].told = {"workers": [one, None]}
    where = site.shared.nodes["a"].address
    assert await server.stats() == {
        "workers": [{"legs_open": 1000}, None], "names": [f"{where}/0", f"{where}/1"]
    }  # fmt: skip
    assert await server.restart("p")
    assert not [event for event in heard if isinstance(event, LegsHomeless)]


async def test_a_worker_is_counted_under_one_name_whoever_comes_and_goes(site: Site) -> None:
    server, _ = await site.server()
    for name in ("b", "a"):
        await site.node(name)
        site.media[name].told = {"workers": [{"restarts": ord(name), "legs": {}}]}
    await until(lambda: len(server._clients) == 2)

    async def counted() -> dict[str, int]:
        told: Any = await server.stats()
        return {n: w["restarts"] for n, w in zip(told["names"], told["workers"], strict=True)}

    a, b = (site.shared.nodes[name].address for name in ("a", "b"))
    assert await counted() == {f"{a}/0": 97, f"{b}/0": 98}
    # Started anew, a node has another id.
    site.shared.nodes["z"] = replace(site.shared.nodes.pop("a"), id="z")
    for line in list(site.nodes["a"].lines):
        line.hang_up()
    await until(lambda: set(server._clients) == {"b", "z"})
    assert await counted() == {f"{a}/0": 97, f"{b}/0": 98}
    del site.shared.nodes["z"]
    site.nodes["a"].stop()
    await until(lambda: set(server._clients) == {"b"})
    assert await counted() == {f"{b}/0": 98}


async def test_a_call_through_a_node(site: Site) -> None:
    """With a worker of its own: media as always, numbers at the end, counters for operators."""
    pool = WorkerPool(Place([HOST]))
    await pool.start()
    node = NodeServer(pool, TOKEN)
    port = await node.start(HOST, 0)
    site.shared.nodes["real"] = Seen("real", f"{HOST}:{port}")
    server, heard = await site.server()
    robots = [Robot(), Robot()]
    for robot, leg_id in zip(robots, ("p", "c"), strict=True):
        await server.answer(leg_id, robot.take(await server.open_leg("visit", leg_id, leg_id)))
        await robot.connect()
    robots[0].send_video(1)
    await until(lambda: robots[1].packets)
    told: Any = await server.stats()
    (worker,) = told["workers"]
    assert worker["legs_open"] == len(node.legs) == pool.legs == 2
    await server.close_leg("p")
    await until(lambda: any(isinstance(event, LegOver) for event in heard))
    (over,) = [event for event in heard if isinstance(event, LegOver)]
    assert (over.leg_id, over.quality.transport) == ("p", "udp")
    await pool.stop()
    for robot in robots:
        robot.vanish()
    node.stop()


async def test_calls_outlive_a_server_that_stops_and_are_taken_over(site: Site) -> None:
    """A deploy: nobody is told goodbye, and who comes back is served where the others are."""
    pool = WorkerPool(Place([HOST]))
    await pool.start()
    node = NodeServer(pool, TOKEN)
    port = await node.start(HOST, 0)
    site.shared.nodes["real"] = Seen("real", f"{HOST}:{port}")
    (server, heard), (other, others) = await site.server(), await site.server()
    await asyncio.gather(server.watch(), other.watch())
    patient, clinician = Robot(), Robot()

    async def join(by: NodePool, robot: Robot, visit: str, leg_id: str, who: str) -> None:
        await by.answer(leg_id, robot.take(await by.open_leg(visit, leg_id, who)))
        by.put_card(leg_id, f"card of {leg_id}")
        await robot.connect()

    await join(server, patient, "visit", "p", "patient")
    await join(server, clinician, "visit", "c", "clinician")
    patient.send_video(1)
    await until(lambda: len(clinician.saw(0)) == 1)

    await server.leave()
    assert {event for event in heard if isinstance(event, LegSpoken)} == {
        LegSpoken("p", here=False),
        LegSpoken("c", here=False),
    }
    with pytest.raises(NoSuchLeg):
        await server.restart("p")
    await server.stop()
    await until(lambda: len(node.lines) == 1)
    patient.send_video(2)
    await until(lambda: len(clinician.saw(0)) == 2)

    await other.adopt("p")
    assert LegSpoken("p", here=True, connected=True) in others
    # One that starts only now has missed nothing.
    following, late = await site.server()
    await following.watch()
    assert {event for event in late if isinstance(event, LegCard)} == {
        LegCard("p", "visit", "card of p"),
        LegCard("c", "visit", "card of c"),
    }
    assert LegStateChanged("c", "visit", "connected") in late
    seats = [e for e in late if isinstance(e, LegSlotsChanged) and e.leg_id == "c"]
    assert [event.slots[0] for event in seats] == ["patient"]
    await following.adopt("c")
    patient.take(await other.restart("p"))
    patient.send_video(3)
    await until(lambda: len(clinician.saw(0)) == 3)
    first, second, third = (sequence for sequence, _, _ in clinician.saw(0))
    assert (second, third) == (first + 1, first + 2), "the clinician's stream goes on"
    assert len(node.legs) == pool.legs == 2
    await following.close_leg("c")
    await until(lambda: LegEnded("c", "left") in others)
    (over,) = [event for event in (*heard, *others, *late) if isinstance(event, LegOver)]
    assert (over.leg_id, over.card, over.quality.transport) == ("c", "card of c", "udp")
    assert not [event for event in others + late if isinstance(event, LegsHomeless)]
    for robot in (patient, clinician):
        robot.vanish()
    await pool.stop()
    node.stop()
