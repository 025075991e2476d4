"""A network that is lost for a while, in part or altogether, costs nobody anything."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from signaling.rooms.call_states import GRACE

from .meeting import REASON, Enter, in_call, on_duty, waiting
from .people import Clinician, Person
from .sleeping import asleep
from .watching import connections, not_told, sees_anew, still_by_video

_GONE = ("visit.away.title", "visit.waiting.title", "visit.left.title", "visit.picture_late.title")


def test_the_picture_outlives_the_socket_by_ten_seconds(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    ways: list[tuple[Person, Person]] = [(patient, clinician), (clinician, patient)]
    for lost, other in ways:
        before = {person: connections(person) for person in (lost, other)}
        lost.link.cut_web()
        lost.write(f"Skrivet utan socket, {lost.audience}")
        other.write(f"Skrivet till den utan, {lost.audience}")
        frames = {person: person.frames() for person in (lost, other)}
        for _ in range(4):
            lost.page.wait_for_timeout(2_500)
            for person, earlier in frames.items():
                assert person.frames() > earlier, f"{person.username}'s picture stood still"
                frames[person] = person.frames()
            not_told(other, *_GONE)
            not_told(lost, *_GONE, "visit.reconnecting.title")
        lost.sees("visit.line.restoring.title")
        not_told(other, "visit.line.restoring.title")
        lost.link.restore()
        for reader in (lost, other):
            reader.reads(f"Skrivet utan socket, {lost.audience}", timeout=30_000)
            reader.reads(f"Skrivet till den utan, {lost.audience}", timeout=30_000)
        expect(lost.page.get_by_text(lost.t("visit.line.restoring.title"))).to_have_count(0)
        sees_anew(lost, other)
        # Not one connection was made anew: the picture was never in need of the socket.
        assert {person: connections(person) for person in (lost, other)} == before
        assert lost.conversation() == other.conversation()


def test_media_lost_for_three_seconds_needs_nobody_and_for_seventeen_nobodys_help(
    enter: Enter,
) -> None:
    patient, clinician = in_call(enter)
    before = connections(patient), connections(clinician)
    patient.link.cut_media()
    patient.page.wait_for_timeout(3_000)
    patient.link.restore()
    sees_anew(patient, clinician)
    assert (connections(patient), connections(clinician)) == before

    patient.link.cut_media()
    patient.sees("visit.reconnecting.title", timeout=30_000)
    clinician.sees("visit.picture_late.title", timeout=30_000)
    patient.write("Ser du mig?")
    clinician.reads("Ser du mig?")
    clinician.write("Nej, men jag läser dig.")
    patient.reads("Nej, men jag läser dig.")
    patient.page.wait_for_function(
        "() => window.__peers.some((peer) => ['failed', 'closed'].includes(peer.connectionState))",
        timeout=40_000,
    )
    patient.link.restore()
    sees_anew(patient, clinician)
    for person in (patient, clinician):
        still_by_video(person)
        not_told(person, *_GONE, "visit.reconnecting.title", "visit.chat.mode.title")
    assert patient.conversation() == clinician.conversation()


def test_another_address_in_mid_call_needs_nobody(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    before = connections(patient), connections(clinician)
    room = patient.page.url
    # The router gives out another address: her browser is not told, and keeps its sockets.
    patient.link.rebind("127.0.0.2")
    sees_anew(patient, clinician)
    # Out of the house, from Wi-Fi to mobile: the sockets that she had are dead, all of them.
    patient.link.change_network("127.0.0.3")
    patient.write("På väg ut genom dörren")
    sees_anew(patient, clinician)
    clinician.reads("På väg ut genom dörren", timeout=30_000)
    # The same connections under other addresses, in the same visit.
    assert (connections(patient), connections(clinician)) == before
    assert patient.page.url == room
    for person in (patient, clinician):
        still_by_video(person)
        not_told(person, *_GONE, "visit.reconnecting.title", "visit.line.restoring.title")


@pytest.mark.once("about the server's grace, and a minute of waiting")
@pytest.mark.needs("a process of its own")
def test_a_laptop_that_sleeps_for_longer_than_the_grace_comes_back_by_itself(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    patient.link.cut()
    with asleep(patient):
        ends = time.monotonic() + GRACE.total_seconds() + 5
        clinician.write("Är du kvar?")
        clinician.sees("visit.away.title", timeout=60_000)
        clinician.page.wait_for_timeout(1_000 * max(0.0, ends - time.monotonic()))
        still_by_video(clinician)
    # Awake before its Wi-Fi is.
    patient.link.restore()
    sees_anew(patient, clinician)
    patient.reads("Är du kvar?", timeout=30_000)
    patient.write("Jo, locket föll igen.")
    clinician.reads("Jo, locket föll igen.")
    for person in (patient, clinician):
        still_by_video(person)
        not_told(person, *_GONE, "visit.reconnecting.title", "visit.line.restoring.title")


@pytest.mark.once("nearly two minutes, most of them spent waiting")
@pytest.mark.parametrize("who", ["patient", "clinician"])
def test_no_network_for_ten_seconds_and_then_for_forty(enter: Enter, who: str) -> None:
    patient, clinician = in_call(enter)
    lost: Person = patient if who == "patient" else clinician
    other: Person = clinician if who == "patient" else patient
    for seconds in (10, 40):
        lost.link.cut()
        lost.write(f"Skrivet utan nät i {seconds} s")
        other.write(f"Skrivet under {seconds} s")
        lost.sees("visit.reconnecting.title", timeout=30_000)
        lost.page.wait_for_timeout(1_000 * (seconds - 5))
        lost.link.restore()
        sees_anew(lost, other)
        lost.reads(f"Skrivet under {seconds} s", timeout=30_000)
        other.reads(f"Skrivet utan nät i {seconds} s", timeout=30_000)
        for person in (lost, other):
            still_by_video(person)
            not_told(person, *_GONE, "visit.reconnecting.title", "visit.line.restoring.title")
    assert lost.conversation() == other.conversation()


@pytest.mark.once("about the socket, which the call's journeys cut in both")
def test_ten_seconds_without_network_in_the_queue(enter: Enter) -> None:
    patient = waiting(enter)
    clinician = on_duty(enter)
    patient.link.cut()
    clinician.take(REASON)
    patient.sees("patient.queue.reconnecting", timeout=30_000)
    patient.page.wait_for_timeout(10_000)
    patient.link.restore()
    expect(patient.heading("patient.turn.title")).to_be_visible(timeout=30_000)


@pytest.mark.once("about the socket, which the call's journeys cut in both")
def test_staff_queue_survives_a_lost_network(enter: Enter) -> None:
    clinician: Clinician = on_duty(enter)
    clinician.link.cut()
    waiting(enter)
    clinician.sees("staff.queue.restoring", timeout=30_000)
    clinician.page.wait_for_timeout(5_000)
    clinician.link.restore()
    expect(clinician.row(REASON)).to_be_visible(timeout=30_000)
    expect(clinician.page.get_by_text(clinician.t("staff.queue.restoring"))).to_have_count(0)
