"""Nothing falls apart: reload, second tab, lost network; chat takes over when media fails."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .meeting import REASON, Enter, in_call, in_visit, on_duty, waiting
from .people import PASSWORD, Clinician, Patient, Person
from .product import Product


def test_reload_at_every_step_of_the_patient(enter: Enter) -> None:
    patient = waiting(enter)
    patient.page.reload()
    patient.sees("patient.queue.next")
    clinician = on_duty(enter)
    clinician.take(REASON)
    patient.is_called()
    patient.page.reload()
    patient.go_in()
    patient.sees_picture()
    patient.write("Före omladdningen")
    clinician.reads("Före omladdningen")
    patient.page.reload()
    patient.sees_picture()
    patient.reads("Före omladdningen")
    clinician.forget_pictures()
    clinician.sees_picture()


def test_reload_at_every_step_of_the_clinician(enter: Enter) -> None:
    patient = waiting(enter)
    clinician = on_duty(enter)
    clinician.page.reload()
    clinician.take(REASON)
    clinician.page.reload()
    patient.go_in()
    clinician.sees_picture()
    note = clinician.note_box
    note.fill("Halvfärdig")
    clinician.page.reload()
    clinician.sees_picture()
    expect(clinician.note_box).to_have_value("Halvfärdig")
    patient.forget_pictures()
    patient.sees_picture()


def test_a_second_tab_takes_the_call_over_and_gives_it_back(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    other = Patient("astrid", patient.context, patient.link)
    other.page.goto(patient.page.url)
    other.sees_picture()
    patient.sees("visit.replaced.title")
    clinician.forget_pictures()
    clinician.sees_picture()
    patient.button("visit.replaced.here").click()
    patient.forget_pictures()
    patient.sees_picture()
    other.sees("visit.replaced.title")


@pytest.mark.parametrize("who", ["patient", "clinician"])
def test_ten_seconds_without_network_in_the_call(enter: Enter, who: str) -> None:
    patient, clinician = in_call(enter)
    lost: Person = patient if who == "patient" else clinician
    other: Person = clinician if who == "patient" else patient
    lost.link.cut()
    lost.write("Skrivet utan nät")
    other.write("Skrivet under tiden")
    lost.page.wait_for_timeout(10_000)
    lost.link.restore()
    lost.forget_pictures()
    other.forget_pictures()
    lost.sees_picture()
    other.sees_picture()
    lost.reads("Skrivet under tiden", timeout=30_000)
    other.reads("Skrivet utan nät", timeout=30_000)


def test_ten_seconds_without_network_in_the_queue(enter: Enter) -> None:
    patient = waiting(enter)
    clinician = on_duty(enter)
    patient.link.cut()
    clinician.take(REASON)
    patient.page.wait_for_timeout(10_000)
    patient.link.restore()
    expect(patient.heading("patient.turn.title")).to_be_visible(timeout=30_000)


def test_chat_takes_over_when_the_permission_is_denied(enter: Enter) -> None:
    patient, clinician = in_visit(enter, devices="denied")
    allow = patient.button("visit.explain.go")
    expect(
        allow.or_(patient.page.get_by_text(patient.t("visit.chat.mode.title"))).first
    ).to_be_visible()
    if allow.is_visible():
        allow.click()
    patient.sees("visit.chat.mode.permission_denied.you")
    clinician.sees("visit.chat.mode.permission_denied.other")
    patient.write("Vi skriver i stället")
    clinician.reads("Vi skriver i stället")


@pytest.mark.needs("changing a permission")
def test_a_permission_given_later_brings_the_picture(enter: Enter) -> None:
    patient, clinician = in_visit(enter, devices="denied")
    allow = patient.button("visit.explain.go")
    expect(
        allow.or_(patient.page.get_by_text(patient.t("visit.chat.mode.title"))).first
    ).to_be_visible()
    if allow.is_visible():
        allow.click()
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
    allow = patient.button("visit.explain.go")
    expect(
        allow.or_(patient.page.get_by_text(patient.t("visit.chat.mode.title"))).first
    ).to_be_visible()
    if allow.is_visible():
        allow.click()
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
    patient.link.faults.udp_down = False
    clinician.button("visit.video.try").click()
    patient.sees_picture()
    clinician.sees_picture()


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


def test_media_back_after_three_seconds_needs_nobody(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    patient.link.cut_media()
    patient.page.wait_for_timeout(3_000)
    patient.link.faults.udp_down = False
    patient.forget_pictures()
    clinician.forget_pictures()
    patient.sees_picture()
    clinician.sees_picture()


def test_the_session_ends_in_mid_visit(enter: Enter) -> None:
    patient, clinician = in_visit(enter, channel="chat")
    patient.write("Före utloggningen")
    clinician.reads("Före utloggningen")
    address = patient.page.url
    patient.context.clear_cookies()
    patient.page.reload()
    patient.page.get_by_label(patient.t("help.login.username")).wait_for()
    patient.log_in(PASSWORD)
    patient.reads("Före utloggningen")
    assert patient.page.url == address
    patient.write("Tillbaka")
    clinician.reads("Tillbaka")


def test_the_server_restarts_in_mid_visit(enter: Enter, product: Product) -> None:
    patient, clinician = in_call(enter)
    patient.write("Före omstarten")
    clinician.reads("Före omstarten")
    product.restart()
    patient.forget_pictures()
    clinician.forget_pictures()
    patient.sees_picture(60_000)
    clinician.sees_picture(60_000)
    clinician.write("Efter omstarten")
    patient.reads("Efter omstarten", timeout=30_000)


def test_it_stops_cleanly_with_people_in_it(enter: Enter, product: Product) -> None:
    in_call(enter)
    product.stop()
    assert product.process is not None
    assert product.process.returncode == 0
    product.start()


def test_staff_queue_survives_a_lost_network(enter: Enter) -> None:
    clinician: Clinician = on_duty(enter)
    clinician.link.cut()
    waiting(enter)
    clinician.page.wait_for_timeout(10_000)
    clinician.link.restore()
    expect(clinician.row(REASON)).to_be_visible(timeout=30_000)


def test_the_session_ends_elsewhere_and_the_page_waits_for_the_login(enter: Enter) -> None:
    patient, clinician = in_visit(enter, channel="chat")
    patient.write("Före")
    clinician.reads("Före")
    box = patient.page.get_by_label(patient.t("visit.chat.label"))
    box.fill("Halvskrivet")
    ended = patient.page.evaluate(
        """async () => {
          const headers = { 'X-Vardrum': '1', 'Idempotency-Key': crypto.randomUUID() };
          return (await fetch('/api/v1/patient/session', { method: 'DELETE', headers })).status;
        }"""
    )
    assert ended == 204
    question = patient.page.get_by_role("dialog")
    expect(question).to_contain_text(patient.t("help.session.title"))
    patient.log_in(PASSWORD)
    expect(question).to_have_count(0)
    expect(box).to_have_value("Halvskrivet")
    box.press("Enter")
    clinician.reads("Halvskrivet")
    patient.reads("Före")
