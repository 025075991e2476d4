"""Sound and picture that can't be had, or are lost for good: chat takes over and says why."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .meeting import CLINIC, REASON, Enter, in_call, in_visit, on_duty, waiting
from .people import Patient, Person
from .watching import (
    allow,
    connections,
    hears,
    not_told,
    open_devices,
    plug_in,
    revoke,
    sees_anew,
    still_by_video,
    unplug,
    with_plugs,
)


def _let_it_ask(person: Person) -> None:
    """Go on from the explanation, in a browser that shows one."""
    allow = person.button("visit.explain.go")
    expect(
        allow.or_(person.page.get_by_text(person.t("visit.chat.mode.title"))).first
    ).to_be_visible()
    if allow.is_visible():
        allow.click()


def test_chat_takes_over_when_the_permission_is_denied(enter: Enter) -> None:
    patient, clinician = in_visit(enter, devices="denied")
    _let_it_ask(patient)
    patient.sees("visit.chat.mode.permission_denied.you")
    clinician.sees("visit.chat.mode.permission_denied.other")
    patient.write("Vi skriver i stället")
    clinician.reads("Vi skriver i stället")


@pytest.mark.needs("changing a permission")
def test_a_permission_given_later_brings_the_picture(enter: Enter) -> None:
    patient, clinician = in_visit(enter, devices="denied")
    _let_it_ask(patient)
    patient.sees("visit.chat.mode.permission_denied.you")
    patient.write("Vi skriver i stället")
    clinician.reads("Vi skriver i stället")
    # The browser lets it through now, and either may try again.
    patient.context.grant_permissions(["camera", "microphone"], origin=patient.base)
    patient.button("visit.video.try").click()
    patient.sees_picture()
    clinician.sees_picture()
    patient.reads("Vi skriver i stället")


def test_chat_takes_over_when_there_is_no_camera(enter: Enter) -> None:
    patient, clinician = in_visit(enter, devices="absent")
    _let_it_ask(patient)
    patient.sees("visit.chat.mode.no_device.you")
    clinician.sees("visit.chat.mode.no_device.other")
    clinician.write("Då skriver vi")
    patient.reads("Då skriver vi")


def test_chat_takes_over_when_the_network_blocks_media(enter: Enter) -> None:
    patient = waiting(enter)
    patient.link.cut_media()
    clinician = on_duty(enter)
    clinician.take(REASON)
    patient.go_in()
    patient.sees("visit.chat.mode.media_blocked.you", timeout=60_000)
    clinician.sees("visit.chat.mode.media_blocked.other")
    patient.write("Går det här fram?")
    clinician.reads("Går det här fram?")
    patient.link.restore()
    clinician.button("visit.video.try").click()
    patient.sees_picture()
    clinician.sees_picture()


@pytest.mark.once("a minute and a half of waiting")
def test_chat_takes_over_when_the_connection_dies(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    patient.write("Före")
    clinician.reads("Före")
    patient.link.cut_media()
    patient.sees("visit.reconnecting.title", timeout=30_000)
    patient.sees("visit.chat.mode.connection_lost.you", timeout=90_000)
    clinician.sees("visit.chat.mode.connection_lost.other")
    patient.write("Efter")
    clinician.reads("Efter")
    clinician.reads("Före")


def test_devices_are_unplugged_in_the_call_and_plugged_in_again(enter: Enter) -> None:
    patient, clinician = _in_call_with_plugs(enter)
    before = connections(patient), connections(clinician)

    unplug(patient, "video")
    patient.sees("visit.notice.camera_gone")
    clinician.sees("visit.camera_off.title")
    camera = patient.button("visit.control.camera")
    expect(camera).to_have_attribute("aria-pressed", "false")
    hears(clinician)
    sees_anew(patient)
    # Asking for what is not there says so, and turns nothing on.
    camera.click()
    patient.sees("visit.notice.no_camera")
    plug_in(patient, "video")
    patient.sees("visit.notice.camera_back")
    sees_anew(clinician)
    expect(camera).to_have_attribute("aria-pressed", "true")

    unplug(patient, "audio")
    patient.sees("visit.notice.microphone_gone")
    clinician.sees("visit.muted")
    sees_anew(clinician)
    plug_in(patient, "audio")
    patient.sees("visit.notice.microphone_back")
    expect(clinician.page.get_by_text(clinician.t("visit.muted"))).to_have_count(0)
    hears(clinician)
    assert (open_devices(patient, "audio"), open_devices(patient, "video")) == (1, 1)
    # Other tracks, the same line: nothing was negotiated anew.
    assert (connections(patient), connections(clinician)) == before


def test_the_permission_is_taken_back_in_the_call(enter: Enter) -> None:
    patient, clinician = _in_call_with_plugs(enter)
    revoke(patient, "video")
    patient.sees("visit.notice.camera_denied")
    clinician.sees("visit.camera_off.title")
    hears(clinician)
    revoke(patient, "audio")
    patient.sees("visit.notice.microphone_denied")
    clinician.sees("visit.camera_off.silent")
    # Seen and heard by nobody, the patient sees and hears still, and may write.
    sees_anew(patient)
    hears(patient)
    patient.write("Jag skriver i stället")
    clinician.reads("Jag skriver i stället")
    still_by_video(clinician)
    allow(patient, "audio", "video")
    patient.button("visit.control.camera").click()
    patient.button("visit.control.mic").click()
    sees_anew(clinician)
    hears(clinician)


@pytest.mark.once("the call unplugs them in both")
def test_devices_are_unplugged_in_the_test_of_equipment(enter: Enter) -> None:
    patient: Patient = enter(Patient, "astrid")
    with_plugs(patient)
    patient.arrive()
    _to_equipment(patient)
    _unplug_in_the_test(patient)
    patient.button("patient.join").click()
    patient.page.wait_for_url("**/ko/*")
    # And while waiting, where the same test can be made again.
    patient.button("patient.queue.test").click()
    _unplug_in_the_test(patient)


def _to_equipment(patient: Patient) -> None:
    """From the choice of clinic to the test of equipment."""
    patient.page.goto(f"{patient.base}/traffa")
    part = patient.page.get_by_role("region", name=patient.t("common.profession.doctor"))
    part.get_by_role("link", name=re.compile(CLINIC)).click()
    patient.page.get_by_label(patient.t("patient.reason.label")).fill(REASON)
    patient.button("common.continue").click()
    patient.page.get_by_role("radio", name=patient.t("common.channel.video")).check(force=True)
    patient.button("common.continue").click()
    expect(patient.heading("patient.equipment.title")).to_be_visible()


def _unplug_in_the_test(patient: Patient) -> None:
    patient.button("patient.check.start").click()
    patient.sees("patient.check.camera_ok")
    unplug(patient, "video")
    patient.sees("patient.check.camera_missing")
    plug_in(patient, "video")
    patient.sees("patient.check.camera_ok")
    unplug(patient, "audio")
    patient.sees("patient.check.mic_missing")
    unplug(patient, "video")
    patient.sees("patient.check.missing_title")
    plug_in(patient, "audio", "video")
    patient.sees("patient.check.camera_ok")
    not_told(patient, "patient.check.mic_missing", "patient.check.missing_title")
    assert (open_devices(patient, "audio"), open_devices(patient, "video")) == (1, 1)


def _in_call_with_plugs(enter: Enter) -> tuple[Patient, Person]:
    patient: Patient = enter(Patient, "astrid")
    with_plugs(patient)
    patient.arrive()
    patient.ask_for(CLINIC, "doctor", REASON)
    clinician = on_duty(enter)
    clinician.take(REASON)
    patient.go_in()
    sees_anew(patient, clinician)
    return patient, clinician
