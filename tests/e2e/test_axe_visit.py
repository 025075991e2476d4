"""The visit of both in every state and look: axe finds nothing, and nothing is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .looks import DESK, PHONE, Looking
from .meeting import Enter, in_call, in_visit
from .people import Patient, Person
from .screens import sees_screen, share

pytestmark = pytest.mark.once(
    "about our markup and colours; every look of every state takes minutes"
)


def _narrow(person: Person) -> None:
    person.page.set_viewport_size({"width": PHONE, "height": 640})


def test_with_one_who_signs(enter: Enter) -> None:
    patient, clinician = in_call(enter, communication="signs")
    with Looking() as look:
        look.at(patient, "call, she signs")
        look.at(clinician, "call with one who signs")


def test_in_the_call(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    with Looking() as look:
        look.at(patient, "call")
        look.at(clinician, "call")
        clinician.write("Hej Astrid! Hör du mig bra?")
        patient.reads("Hej Astrid! Hör du mig bra?")
        patient.write("Ja. Det gör ont när jag tuggar, mest på kvällen.")
        clinician.reads("Ja. Det gör ont när jag tuggar, mest på kvällen.")
        look.at(clinician, "call, chat open")
        # On a phone one opens the conversation over the picture, and it stays open.
        _narrow(patient)
        patient.reads("Hej Astrid! Hör du mig bra?")
        look.at(patient, "call, chat open")
        patient.page.keyboard.press("Escape")
        clinician.button("visit.control.chat").first.click()
        patient.button("visit.control.mic").click()
        patient.button("visit.control.camera").click()
        clinician.sees("visit.camera_off.title")
        look.at(patient, "call, muted")
        look.at(clinician, "call, the other muted")
        patient.button("visit.control.camera").click()
        patient.button("visit.control.more").first.click()
        patient.page.get_by_role("dialog", name=patient.t("visit.more.title")).wait_for()
        look.at(patient, "call, more")
        patient.button("visit.control.devices").click()
        patient.page.get_by_role("dialog", name=patient.t("visit.devices.title")).wait_for()
        look.at(patient, "call, devices")
        patient.page.keyboard.press("Escape")
        share(clinician)
        sees_screen(patient, "Maria Holmvik")
        look.at(patient, "call, a screen")
        look.at(clinician, "call, sharing")
        patient.button("people.layout").click()
        look.at(patient, "call, layout")
        patient.page.keyboard.press("Escape")
        clinician.button("visit.screen.stop").click()
        patient.button("visit.control.leave").first.click()
        patient.page.get_by_role("dialog", name=patient.t("visit.leave.title")).wait_for()
        look.at(patient, "call, leave")
        patient.button("visit.leave.yes").click()
        patient.sees("visit.summary.left.title")
        look.at(patient, "left the visit")
        clinician.sees("visit.left.title")
        look.at(clinician, "call, the other left")


def test_reconnecting_and_the_chat_that_takes_over(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    clinician.write("Hör du mig?")
    patient.reads("Hör du mig?")
    with Looking() as look:
        # Held here, the call would fall back to chat before everything has been looked at.
        patient.link.cut_media()
        patient.sees("visit.reconnecting.title", timeout=30_000)
        patient.button("visit.reconnecting.chat").wait_for(timeout=30_000)
        look.at(patient, "reconnecting")
        patient.sees("visit.chat.mode.connection_lost.you", timeout=90_000)
        clinician.sees("visit.chat.mode.connection_lost.other")
        look.at(patient, "chat took over")
        look.at(clinician, "chat took over")


def test_reconnecting_on_the_clinicians_side(enter: Enter) -> None:
    _, clinician = in_call(enter)
    with Looking() as look:
        clinician.link.cut_media()
        clinician.button("visit.reconnecting.chat").wait_for(timeout=60_000)
        look.at(clinician, "reconnecting")


def test_replaced_by_another_tab(enter: Enter) -> None:
    patient, _ = in_call(enter)
    other = Patient("astrid", patient.context, patient.link)
    other.page.goto(patient.page.url)
    other.sees_picture()
    patient.sees("visit.replaced.title")
    with Looking() as look:
        look.at(patient, "replaced")


@pytest.mark.needs("being asked")
def test_before_the_permission_and_after_a_denial(enter: Enter) -> None:
    patient, _ = in_visit(enter, devices="denied")
    allow = patient.button("visit.explain.go")
    allow.wait_for()
    with Looking() as look:
        look.at(patient, "lobby")
        allow.click()
        patient.sees("visit.chat.mode.permission_denied.you")
        look.at(patient, "chat after a denial")


def test_a_visit_by_chat_from_start_to_summary(enter: Enter) -> None:
    patient, clinician = in_visit(enter, channel="chat", width=DESK)
    with Looking() as look:
        look.at(patient, "chat, empty")
        patient.write("Det började i går kväll och blev värre i natt.")
        clinician.write("Tack. Har du feber? " * 12)
        patient.reads(("Tack. Har du feber? " * 12).strip())
        look.at(patient, "chat")
        look.at(clinician, "chat")
        clinician.note_box.fill("Öroninflammation misstänks. Egenvårdsråd givna.")
        clinician.end()
        patient.sees("visit.summary.ended.title")
        clinician.button("staff.sign.action").first.wait_for()
        look.at(patient, "summary")
        look.at(clinician, "wrap-up")
        box = clinician.page.get_by_label(clinician.t("staff.note.label"))
        written = box.input_value()
        box.fill("")
        clinician.button("staff.sign.action").first.click()
        clinician.sees("staff.problem.note_empty")
        look.at(clinician, "wrap-up without a note")
        box.fill(written)
        clinician.button("staff.sign.and_next").first.click()
        clinician.sees("staff.note.signed")
        clinician.sees("staff.problem.queue_empty")
        look.at(clinician, "signed, nobody next")
        patient.link_to("visit.summary.find").click()
        patient.sees("patient.visit.note")
        expect(patient.page.get_by_text("Egenvårdsråd givna")).to_be_visible()
        look.at(patient, "my visit")
        patient.page.goto(f"{patient.base}/mina-besok")
        patient.sees("patient.visits.lead")
        look.at(patient, "my visits")
        clinician.page.goto(f"{clinician.base}/personal/mina-besok")
        clinician.sees("staff.mine.earlier")
        look.at(clinician, "my visits")
