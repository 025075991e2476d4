"""Servers and nodes die and drain under a call: who is told, who takes over, what is kept."""

import pytest

from server.visits import service as visits
from signaling.rooms.media_port import LegJudged
from signaling.worker import node_legs
from tests.signaling.cluster import ON, Call, Cluster, Member
from tests.signaling.stage import eventually
from tests.signaling.test_call_quality import NUMBERS


async def test_a_server_that_is_killed_takes_no_call_with_it(call: Call) -> None:
    call.cluster.media.ends_with = NUMBERS
    for member in (call.anna, call.bo):
        call.report(member, "connected")
    before = dict(call.cluster.media.legs)
    call.a.die()
    await eventually(lambda: len(call.cluster.site.nodes["one"].lines) == 1)
    # Nobody speaks for her leg, and what happens is heard all the same.
    call.cluster.media.happen(LegJudged(call.anna.leg_id, "weak", "delay", "down"))
    await call.bo.sees(line={"word": "weak", "reason": "delay", "way": "down"})
    anna = await call.anna.back_at(call.b)
    assert call.cluster.media.legs == before
    assert anna.lost() == call.bo.lost() == []
    await anna.tab.ok("call.leave", **anna.leg)
    await call.bo.said("call.peer", role="patient", joined=False, reason="left")
    (mine,) = await call.records(1)
    assert (mine.role, mine.participant) == ("patient", anna.participant)
    assert mine.seconds == pytest.approx(NUMBERS.seconds, abs=1), (
        "from its beginning, at the other server"
    )


async def test_who_does_not_come_back_is_gone_for_all(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is dead, so it is the node that waits; and another writes down how it was."""
    monkeypatch.setattr(node_legs, "KEPT_FOR", 0.2)
    call.cluster.media.ends_with = NUMBERS
    call.report(call.anna, "connected")
    call.a.die()
    await call.bo.said("call.peer", role="patient", joined=False, reason="connection_lost")
    await call.bo.sees_nobody()
    await eventually(lambda: list(call.cluster.media.legs) == [call.bo.leg_id])
    await eventually(lambda: not call.cluster.site.nodes["one"].legs._unheard)
    (mine,) = await call.records(1)
    assert mine.role == "patient"


async def test_an_adopted_leg_waits_anew(call: Call) -> None:
    """Its second server died as well: the wait that began with the first's death is over."""
    third = await call.cluster.server()
    legs = call.cluster.site.nodes["one"].legs
    leg = legs._legs[call.anna.leg_id]
    call.a.die()
    await eventually(lambda: leg.left_at is not None)
    first = leg.left_at
    assert first is not None
    anna = await call.anna.back_at(third)
    assert leg.left_at is None
    third.die()
    await eventually(lambda: leg.left_at is not None)
    legs._nobody_came([leg], first)
    assert not leg.ended
    anna = await anna.back_at(call.b)
    assert anna.leg_id in call.cluster.media.legs
    legs._nobody_came([leg], first)
    assert not leg.ended, "nor of one that somebody has again"


async def test_a_server_that_is_drained_hands_its_calls_over(call: Call) -> None:
    call.cluster.media.ends_with = NUMBERS
    for member in (call.anna, call.bo):
        call.report(member, "connected")
    before = dict(call.cluster.media.legs)
    await call.a.stop()
    anna = await Member.at(call.b, call.people[0], call.visit_id)
    anna.leg_id = call.anna.leg_id
    await anna.says(mic_on=False)
    await call.bo.sees(mic_on=False)
    assert call.cluster.media.legs == before
    await call.records(0)
    await call.b.write(visits.end, call.people[1].actor, call.visit_id)
    await eventually(lambda: not call.cluster.media.legs)
    both = await call.records(2)
    assert {record.role for record in both} == {"patient", "clinician"}


async def test_a_node_that_dies_sends_both_to_another(cluster: Cluster) -> None:
    call = await Call(cluster).start(("one", "two"))
    site = cluster.site
    held_by = site.shared.visits[call.visit_id]
    del site.shared.nodes[held_by]
    site.nodes[held_by].stop()
    for member in (call.anna, call.bo):
        await member.said("call.lost", leg_id=member.leg_id, reason="worker")
    for member in (call.anna, call.bo):
        await member.join()
    await call.anna.sees(role="clinician")
    (other,) = site.shared.nodes
    assert set(site.media[other].legs) == {call.anna.leg_id, call.bo.leg_id}


async def test_a_node_that_drains_is_left_by_a_visit_as_one(cluster: Cluster) -> None:
    call = await Call(cluster).start(("one", "two"))
    held_by = cluster.site.shared.visits[call.visit_id]
    legs = {call.anna.leg_id, call.bo.leg_id}
    # The visit's turn comes late at the one server, and at once at the other.
    moving = call.a.signaling.calls._keeper._moving
    (hers,) = [leg for leg in call.a.signaling.calls._legs.all() if leg.here]
    moving[call.visit_id] = [hers]
    await call.b.signaling.calls._keeper.move(
        [leg for leg in call.b.signaling.calls._legs.all() if leg.here]
    )
    for member in (call.anna, call.bo):
        await member.said("call.lost", leg_id=member.leg_id, reason="worker")
    await eventually(lambda: not legs & set(cluster.site.media[held_by].legs))


async def test_a_visit_that_ends_closes_legs_of_every_server(call: Call) -> None:
    call.a.die()
    await call.b.write(visits.end, call.people[1].actor, call.visit_id)
    await eventually(lambda: not call.cluster.media.legs)
    assert call.bo.lost() == [], "the visit itself was told"
    anna = await call.anna.back_at(call.b, says=False)
    assert await anna.tab.refused("call.state", **anna.leg, **ON) == "call.no_leg"
