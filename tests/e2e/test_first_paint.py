"""What a patient sees before the program has come: whom to call; and it stays where it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from .looks import faults
from .meeting import waiting
from .people import Patient

Enter = Callable[..., Any]


@pytest.mark.once("a page as the server sends it")
@pytest.mark.parametrize("width", [1280, 320])
def test_the_numbers_to_call_are_there_before_the_program(enter: Enter, width: int) -> None:
    patient: Patient = enter(Patient, "astrid", width=width)
    page = patient.page
    held: list[Route] = []
    holding = True
    page.route("**/assets/*.js", lambda route: held.append(route) if holding else route.continue_())
    page.goto(patient.base, wait_until="commit")
    strip = page.get_by_role("complementary", name=patient.t("common.emergency.label"))
    numbers = [strip.get_by_role("link", name=number) for number in ("112", "1177")]
    for number in numbers:
        expect(number).to_be_visible()
    expect(page.get_by_role("heading")).to_have_count(0)
    before = [strip.bounding_box(), *(number.bounding_box() for number in numbers)]
    words = strip.inner_text()

    holding = False
    for route in held:
        route.continue_()
    patient.sees("start.title")
    # The program's own strip has taken its place, and nobody can tell.
    assert [strip.bounding_box(), *(number.bounding_box() for number in numbers)] == before
    assert strip.inner_text() == words
    assert faults(patient) == []


@pytest.mark.parametrize("where", ["start", "login", "queue"])
def test_a_page_waits_for_its_code_and_for_no_time(enter: Enter, where: str) -> None:
    """With a clock that stands still, nothing that waits for a while is ever shown."""
    if where == "queue":
        patient = waiting(enter)
    else:
        patient = enter(Patient, "astrid")
        patient.page.goto(patient.base + {"start": "/", "login": "/logga-in"}[where])
    shown = {"start": "start.title", "login": "patient.login.title", "queue": "patient.queue.next"}
    patient.sees(shown[where])
    patient.page.clock.install()
    patient.page.clock.pause_at(patient.page.evaluate("() => Date.now() + 1000"))
    asked: list[str] = []
    patient.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    patient.page.reload(wait_until="commit")
    patient.sees(shown[where])
    if where == "queue":
        # The header's part for who is known, too.
        patient.button("common.nav.account").wait_for()
        # The page itself names all that it is made of: none of its code sends for more code.
        named = patient.page.evaluate("async () => (await fetch(location.href)).text()")
        made_of = {path for path in asked if path.endswith((".js", ".css"))}
        assert len(made_of) > 10
        assert [path for path in made_of if path not in named] == []
