"""What a patient sees before the program has come: whom to call; and it stays where it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from .looks import faults
from .people import Patient

Enter = Callable[..., Any]


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
