"""The clinician's workplace in every state and look: axe finds nothing, and nothing is lost."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from server.kit.clock import Clock

from .looks import Looking, fetched
from .meeting import CLINIC, REASON, Enter, on_duty, waiting
from .people import Clinician

pytestmark = pytest.mark.once(
    "about our markup and colours; every look of every state takes minutes"
)

_TESTED = (None, "good", "partly", "weak_network", "poor_network", "sound_only", "chat_only")
_REASONS = (
    "Feber sedan i går kväll, och ont i örat.",
    "Yrsel när jag reser mig, sedan tre dagar. Har ny blodtrycksmedicin.",
    "Utslag på armen",
    "Jag har haft ont i magen till och från i två veckor. Det blir värre efter maten och lindras"
    " av att ligga ner. Ingen feber, men jag är orolig, för det finns magsår i släkten.",
    "Recept på astmamedicin",
)


def _full(route: Route) -> None:
    """The board as it is, with forty patients on it in every state there is."""
    board = fetched(route)
    now = Clock().now()

    def ticket(number: int) -> dict[str, Any]:
        arrived = now - timedelta(minutes=200 - 5 * number)
        return {
            "id": f"00000000-0000-7000-8000-{number:012}",
            "reason": _REASONS[number % len(_REASONS)],
            "age": 3 + number * 2,
            "channel": "chat" if number % 3 == 0 else "video",
            "communication": ("speech", "speech", "signs", "speech", "reads")[number % 5],
            "state": "called" if number in (1, 2) else "waiting",
            "arrived_at": arrived.isoformat(),
            "not_before": (now + timedelta(minutes=9)).isoformat() if number == 4 else None,
            "requeued": number in (4, 5),
            "equipment": _TESTED[number % len(_TESTED)],
            "taken_by": "Omar Salehi" if number == 1 else "Maria Holmvik" if number == 2 else None,
            "taken_by_me": number == 2,
        }

    board |= {"tickets": [ticket(number) for number in range(40)], "paused": 2, "on_duty": 3}
    board |= {"recent_median_minutes": 11.5, "waiting_total": 312}
    route.fulfill(status=200, body=json.dumps(board), content_type="application/json")


def _changed_elsewhere(route: Route) -> None:
    """The answer to a note that another window has written on."""
    told = {"type": "about:blank", "title": "stale", "status": 409, "code": "note.stale"}
    told |= {"detail": "", "text": "Rodnad hörselgång vänster, ingen feber.", "version": 40}
    route.fulfill(status=409, body=json.dumps(told), content_type="application/problem+json")


def test_from_the_login_to_the_queue(enter: Enter) -> None:
    clinician: Clinician = enter(Clinician, "maria.holmvik")
    page = clinician.page
    with Looking() as look:
        page.goto(f"{clinician.base}/")
        page.get_by_label(clinician.t("help.login.username")).wait_for()
        look.at(clinician, "login")
        clinician.log_in("fel")
        clinician.sees("help.login.failed")
        look.at(clinician, "login refused")
        clinician.log_in()
        clinician.button("staff.duty.go_on").wait_for()
        look.at(clinician, "off duty")
        clinician.go_on_duty(CLINIC, "Läkare")
        clinician.sees("staff.queue.empty")
        look.at(clinician, "queue empty")
        clinician.button("staff.settings").click()
        page.get_by_role("dialog", name=clinician.t("staff.settings")).wait_for()
        look.at(clinician, "settings")
        clinician.button("common.nav.logout").click()
        clinician.sees("staff.logout.on_duty")
        look.at(clinician, "logging out on duty")
        page.keyboard.press("Escape")
        clinician.button("staff.duty.on").click()
        page.get_by_role("dialog", name=clinician.t("staff.duty.title")).wait_for()
        look.at(clinician, "duty")
        clinician.button("staff.duty.pause").click()
        clinician.sees("staff.paused.title")
        look.at(clinician, "paused")
        page.goto(f"{clinician.base}/personal/mina-besok")
        clinician.heading("staff.nav.mine").wait_for()
        look.at(clinician, "no visits")
        page.goto(f"{clinician.base}/personal/finns-inte")
        clinician.sees("staff.lost.title")
        look.at(clinician, "not found")


def test_the_queue_with_forty_patients(enter: Enter) -> None:
    clinician = on_duty(enter)
    page = clinician.page
    page.route("**/api/v1/staff/queue", _full)
    page.reload()
    expect(page.get_by_role("row")).to_have_count(41)
    with Looking() as look:
        look.at(clinician, "queue of forty")
        page.get_by_role("button", name=clinician.t("staff.reason.more")).first.click()
        look.at(clinician, "queue of forty, a reason opened")
        page.unroute("**/api/v1/staff/queue")
        page.route("**/api/v1/staff/queue", lambda route: route.fulfill(status=500, body=""))
        page.reload()
        clinician.sees("help.error.unknown.title", timeout=30_000)
        look.at(clinician, "server error")


def test_the_queue_of_a_closed_clinic(enter: Enter) -> None:
    clinician = on_duty(enter)
    page = clinician.page
    tickets: list[dict[str, Any]] = []

    def closed(route: Route) -> None:
        board = fetched(route) | {"open": False, "tickets": tickets}
        route.fulfill(status=200, body=json.dumps(board), content_type="application/json")

    page.route("**/api/v1/staff/queue", closed)
    with Looking() as look:
        page.reload()
        clinician.sees("staff.queue.empty_closed")
        look.at(clinician, "closed, nobody left")
        waits = {"state": "waiting", "age": 48, "channel": "chat", "not_before": None}
        waits |= {"requeued": True, "equipment": None, "taken_by": None, "taken_by_me": False}
        arrived = (Clock().now() - timedelta(hours=3)).isoformat()
        waits |= {"id": "00000000-0000-7000-8000-000000000001", "arrived_at": arrived}
        tickets.append(waits | {"reason": REASON})
        page.reload()
        expect(clinician.row(REASON)).to_be_visible()
        look.at(clinician, "closed, one left")


def test_a_patient_whom_a_colleague_took(enter: Enter) -> None:
    waiting(enter)
    first = on_duty(enter, "maria.holmvik")
    second = on_duty(enter, "omar.salehi")
    expect(second.row(REASON)).to_be_visible()
    with Looking() as look:
        second.link.cut()
        first.take(REASON)
        second.row(REASON).get_by_role("button", name=second.t("staff.take_this")).click()
        second.link.restore()
        second.sees("staff.problem.already_taken", name="Maria Holmvik", timeout=30_000)
        look.at(second, "already taken")


def test_a_page_that_breaks(enter: Enter) -> None:
    clinician = on_duty(enter)
    page = clinician.page
    broken = json.dumps({"tickets": None})
    page.route("**/api/v1/staff/queue", lambda route: route.fulfill(status=200, body=broken))
    with Looking() as look:
        page.reload()
        clinician.sees("common.crash.title")
        look.at(clinician, "crash")
        page.unroute("**/api/v1/staff/queue")
        clinician.button("common.crash.reload").click()
        clinician.heading("staff.queue.title").wait_for()


def test_calling_a_patient(enter: Enter) -> None:
    waiting(enter, reason=f"{REASON} " + "Det värker och bultar, mest på natten. " * 30)
    clinician = on_duty(enter)
    page = clinician.page
    with Looking() as look:
        expect(clinician.row(REASON)).to_be_visible()
        look.at(clinician, "queue")
        clinician.take(REASON)
        clinician.button("staff.calling.no_answer").wait_for()
        look.at(clinician, "calling")
        for button in ("staff.calling.no_answer", "staff.calling.no_show"):
            clinician.button(button).click()
            page.get_by_role("dialog").wait_for()
            look.at(clinician, f"calling, dialog {button.rpartition('.')[2]}")
            page.keyboard.press("Escape")
        clinician.button("visit.control.leave").first.click()
        page.get_by_role("dialog").wait_for()
        look.at(clinician, "calling, leave the room")
        clinician.button("visit.leave.staff.yes").click()
        clinician.sees("staff.open.back")
        look.at(clinician, "queue with an open visit")


def test_the_note_and_the_end(enter: Enter) -> None:
    patient = waiting(enter)
    clinician = on_duty(enter)
    page = clinician.page
    clinician.take(REASON)
    patient.go_in()
    clinician.sees_picture()
    with Looking() as look:
        clinician.button("staff.identity.confirm").click()
        clinician.sees("staff.identity.done")
        clinician.note_box.fill("Rodnad hörselgång höger.\n" * 20)
        look.at(clinician, "call and note")
        clinician.button("staff.end.action").click()
        page.get_by_role("dialog").wait_for()
        look.at(clinician, "call, end")
        page.keyboard.press("Escape")
        page.context.set_offline(True)
        look.at(clinician, "call, offline")
        page.context.set_offline(False)
        page.route("**/note", _changed_elsewhere)
        clinician.note_box.fill("Rodnad hörselgång höger. Otoskopi bör göras på plats.")
        clinician.sees("staff.note.conflict.title")
        look.at(clinician, "call, note changed elsewhere")
