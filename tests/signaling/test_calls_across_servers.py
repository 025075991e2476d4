"""A call whose people are connected to different servers."""

from typing import Any

import pytest

from server.guests import service as guests
from server.queueing.domain import Channel, Communication
from server.visits import service as visits
from server.visits.domain import ModeReason
from signaling.rooms.media_port import LegJudged
from tests.signaling.cluster import KEY, ON, Call, Member, together
from tests.signaling.stage import eventually


async def test_two_meet_by_different_servers(call: Call) -> None:
    anna, bo = call.anna, call.bo
    assert bo.joined["peer"]["joined"]
    seat = await bo.sees(role="patient")
    assert (seat["participant_id"], seat["public_key"]) == (anna.participant, KEY)
    assert seat["name"] == "Anna"
    await anna.said("call.peer", role="clinician", joined=True)
    await anna.says(mic_on=False, on_hold=True)
    assert (await bo.sees(mic_on=False))["on_hold_since"] is not None
    await bo.said("call.peer", role="patient", mic_on=False)
    call.cluster.media.happen(LegJudged(anna.leg_id, "bad", "loss", "up"))
    await bo.sees(role="patient", line={"word": "bad", "reason": "loss", "way": "up"})
    await bo.says(screen_on=True)
    await anna.said("call.slots", leg_id=anna.leg_id, screen=bo.participant)
    # Of the heartbeat, and of what devices say to each other past the server.
    for member in (anna, bo):
        now = await member.tab.ok(
            "sync", visits=[{"visit_id": call.visit_id, "version": 0, "last_seq": 0}],
            tickets=[], queue=None,
        )  # fmt: skip
        assert now["visits"][0]["peer_in_call"]
    for sender, other in ((anna, bo), (bo, anna)):
        sealed = f"from-{sender.tab.person.actor.audience}"
        messages = [{"participant_id": other.participant, "sealed": sealed}]
        await sender.tab.ok("call.keys", **sender.leg, messages=messages)
        key = await other.said("call.key", leg_id=other.leg_id, sealed=sealed)
        assert key["participant_id"] == sender.participant
        assert not sender.tab.hints("call.key") or sender is bo
    # Each server counts those alone that it speaks for.
    assert (len(call.a.signaling.calls), len(call.b.signaling.calls)) == (1, 1)
    await bo.tab.ok("call.leave", **bo.leg)
    await anna.said("call.peer", role="clinician", joined=False, reason="left")
    await anna.sees_nobody()
    assert anna.lost() == bo.lost() == []
    assert list(call.cluster.media.legs) == [anna.leg_id]


async def test_who_needs_what_is_known_everywhere(call: Call) -> None:
    await call.a.write(
        visits.set_communication, call.people[0].actor, call.visit_id, Communication.SIGNS
    )
    seat = await call.bo.sees(role="patient", communication="signs")
    assert seat["participant_id"] == call.anna.participant
    await eventually(lambda: call.cluster.media.preferred == {call.anna.leg_id})


async def test_a_guest_of_a_third_server_and_who_is_put_out(call: Call) -> None:
    third = await call.cluster.server()
    person = await third.guest(call.visit_id, call.people[1])
    guest = await (await Member.at(third, person, call.visit_id)).join()
    assert {seat["role"] for seat in guest.joined["seating"]["slots"] if seat} == {
        "patient",
        "clinician",
    }, "a server that came later knows who is there"
    for member in (call.anna, call.bo):
        await member.sees(role="relative")
    actor = call.people[1].actor
    await call.b.write(guests.remove, actor, call.visit_id, person.actor.account_id)
    for member in (call.anna, call.bo):
        await eventually(lambda member=member: len(member.seats()) == 1)  # type: ignore[misc]
    await eventually(lambda: guest.leg_id not in call.cluster.media.legs)


async def test_a_socket_comes_back_at_another_server_and_the_media_goes_on(call: Call) -> None:
    before = dict(call.cluster.media.legs)
    call.report(call.anna, "connected")
    await call.anna.says(camera_on=False, pictures_wanted=False)
    await call.bo.sees(camera_on=False)
    told = len(call.bo.peer())
    anna = await call.anna.back_at(call.b, says=False)
    await anna.says(camera_on=False, pictures_wanted=False)
    assert call.cluster.media.legs == before, "the same leg: nobody was moved"
    await anna.sees(role="clinician")
    await eventually(lambda: len(call.b.signaling.calls) == 2)
    assert len(call.a.signaling.calls) == 0
    assert "restart" in (await anna.tab.ok("call.restart", **anna.leg))["sdp"]
    assert call.bo.peer()[told:] == [], "to him nothing happened"
    # The server that let go does not end it when its grace is over: nobody there waits for her.
    await call.anna.tab.client.disconnect()
    await anna.says()
    await call.bo.sees(camera_on=True)
    assert call.bo.lost() == anna.lost() == []


async def test_a_leg_is_taken_over_by_its_owner_alone(call: Call) -> None:
    stranger = await Member.at(call.b, await call.b.patient("Eva"), call.visit_id)
    stranger.leg_id = call.anna.leg_id
    for event in ("call.state", "call.restart", "call.keys", "call.answer"):
        sealed = {"participant_id": call.bo.participant, "sealed": "x"}
        asked: dict[str, dict[str, Any]] = {
            "call.state": dict(ON),
            "call.answer": {"sdp": "v=0"},
            "call.keys": {"messages": [sealed]},
        }
        fields = asked.get(event, {})
        assert await stranger.tab.refused(event, **stranger.leg, **fields) == "call.no_leg"
    assert await call.bo.tab.refused("call.state", **call.anna.leg, **ON) == "call.replaced"
    await stranger.tab.ok("call.leave", **stranger.leg)
    assert len(call.a.signaling.calls) == 1
    assert call.anna.leg_id in call.cluster.media.legs


async def test_who_may_not_join_may_not_come_back_either(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for server in (call.a, call.b):
        # The word that the visit goes on as chat is on its way yet.
        monkeypatch.setattr(server.signaling.calls, "visit_changed", lambda *_, **__: None)
    await call.a.write(
        visits.set_mode, call.people[0].actor, call.visit_id, Channel.CHAT, ModeReason.CHOSEN
    )
    anna = await call.anna.back_at(call.b, says=False)
    assert await anna.tab.refused("call.state", **anna.leg, **ON) == "call.not_video"
    assert len(call.b.signaling.calls) == 1, "his alone"


async def test_another_device_at_another_server_takes_the_call(call: Call) -> None:
    phone = await Member.at(call.b, call.people[0], call.visit_id)
    await call.anna.says(mic_on=False)
    await call.bo.sees(mic_on=False)
    await phone.join()
    await call.anna.said("call.lost", leg_id=call.anna.leg_id, reason="replaced")
    assert phone.lost() == []
    assert await call.anna.tab.refused("call.state", **call.anna.leg, **ON) == "call.replaced"
    await eventually(lambda: set(call.cluster.media.legs) == {phone.leg_id, call.bo.leg_id})
    assert not (await call.bo.sees(role="patient"))["mic_on"], "who was muted stays muted"
    assert [joined for joined, _ in call.bo.peer()][-1], "never told as gone"
    assert "connection_lost" not in [reason for _, reason in call.bo.peer()]


async def test_two_devices_that_join_at_once_at_two_servers(call: Call) -> None:
    await call.anna.tab.ok("call.leave", **call.anna.leg)
    await call.bo.sees_nobody()
    phone = await Member.at(call.b, call.people[0], call.visit_id)
    await together(call.anna.join(), phone.join())

    def legs() -> list[set[str]]:
        hers = {leg for leg in call.cluster.media.legs if leg != call.bo.leg_id}
        known = [
            {leg.leg_id for leg in server.signaling.calls._legs.all()} - {call.bo.leg_id}
            for server in (call.a, call.b)
        ]
        return [hers, *known]

    await eventually(lambda: len(legs()[0]) == 1 and legs()[0] == legs()[1] == legs()[2])
    assert len(call.a.signaling.calls) + len(call.b.signaling.calls) == 2, "one speaks for each"
    await call.bo.sees(role="patient")
    assert len(call.bo.seats()) == 1


async def test_who_stays_away_is_ended_by_her_server_and_all_are_told(call: Call) -> None:
    await call.anna.tab.cut()
    await call.bo.said("call.peer", role="patient", joined=False, reason="connection_lost")
    await call.bo.sees_nobody()
    await eventually(lambda: list(call.cluster.media.legs) == [call.bo.leg_id])
