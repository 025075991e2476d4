"""A proxy that lets HTTP through and no WebSocket: the whole journey on the floor of polling."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .faults import SocketFault
from .meeting import CLINIC, REASON, Enter, in_call, on_duty, waiting
from .people import Clinician, Patient
from .watching import counting, sees_anew, still_by_video

pytestmark = pytest.mark.once("about what stands between, and long")

#: Until a page that polls every ten seconds has seen something, on a slow machine (milliseconds).
_POLLED = 40_000


@pytest.mark.parametrize("how", ["refused", "swallowed"])
def test_a_patient_whose_socket_is_blocked(enter: Enter, how: SocketFault) -> None:
    first = waiting(enter, username="noah", reason="Först")
    patient: Patient = enter(Patient, "astrid")
    patient.link.block_socket(how)
    patient.arrive()
    patient.ask_for(CLINIC, "doctor", REASON)
    expect(patient.page.get_by_text("2", exact=True).first).to_be_visible()
    patient.sees("patient.queue.polling", timeout=_POLLED)
    first.button("patient.queue.leave").click()
    first.button("patient.queue.leave_confirm").click()
    patient.sees("patient.queue.next", timeout=_POLLED)

    clinician = on_duty(enter)
    clinician.take(REASON)
    expect(patient.heading("patient.turn.title")).to_be_visible(timeout=_POLLED)
    patient.go_in()
    patient.sees("visit.chat.mode.media_blocked.you", timeout=_POLLED)
    patient.sees("visit.line.blocked.chat")
    clinician.sees("visit.chat.mode.media_blocked.other")
    # What cannot work from here is not offered here.
    expect(patient.button("visit.video.try")).to_have_count(0)
    clinician.write("Vi skriver i stället.")
    patient.reads("Vi skriver i stället.", timeout=_POLLED)
    patient.write("Det går bra.")
    clinician.reads("Det går bra.")
    with counting(patient) as asked:
        patient.page.wait_for_timeout(20_000)
    messages = [line for line in asked if "/messages" in line]
    assert 2 <= len(messages) <= 6, asked
    assert len(asked) <= 20, asked

    clinician.note_box.fill("Egenvårdsråd givna i chatt.")
    clinician.end()
    patient.sees("visit.summary.ended.title", timeout=_POLLED)
    clinician.button("staff.sign.action").first.click()
    clinician.sees("staff.note.signed")
    patient.link_to("visit.summary.find").click()
    expect(patient.page.get_by_text("Egenvårdsråd givna i chatt.")).to_be_visible(timeout=_POLLED)
    expect(patient.page.get_by_text("Det går bra.")).to_be_visible()


def test_a_clinician_whose_socket_is_blocked_until_it_is_not(enter: Enter) -> None:
    clinician: Clinician = enter(Clinician, "maria.holmvik")
    clinician.link.block_socket("swallowed")
    clinician.arrive()
    clinician.go_on_duty(CLINIC, "Läkare")
    clinician.sees("staff.queue.blocked", timeout=_POLLED)
    patient = waiting(enter)
    expect(clinician.row(REASON)).to_be_visible(timeout=_POLLED)
    clinician.take(REASON)
    patient.go_in()
    clinician.sees("visit.chat.mode.media_blocked.you", timeout=_POLLED)
    patient.sees("visit.chat.mode.media_blocked.other")
    patient.write("Är du där?")
    clinician.reads("Är du där?", timeout=_POLLED)
    clinician.write("Ja, jag läser.")
    patient.reads("Ja, jag läser.")

    clinician.link.restore()
    clinician.sees("visit.line.back.title", timeout=_POLLED)
    clinician.button("visit.video.try").click()
    sees_anew(patient, clinician)
    for person in (patient, clinician):
        still_by_video(person)
        person.reads("Ja, jag läser.")


def test_the_socket_is_blocked_in_mid_call(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    patient.link.block_socket("refused")
    patient.sees("visit.line.blocked.title", timeout=_POLLED)
    patient.write("Hörs det här?")
    clinician.reads("Hörs det här?", timeout=_POLLED)
    clinician.write("Ja då.")
    patient.reads("Ja då.", timeout=_POLLED)
    sees_anew(patient, clinician)
    for person in (patient, clinician):
        still_by_video(person)
    patient.link.restore()
    expect(patient.page.get_by_text(patient.t("visit.line.blocked.title"))).to_have_count(
        0, timeout=_POLLED
    )
    clinician.write("Nu utan omväg.")
    patient.reads("Nu utan omväg.")
