"""What is typed to set a region up: opening hours, and passwords that nobody sees."""

import argparse
import sys
from io import StringIO

import pytest
from typing_extensions import override

from server.clinics.domain import Span
from server.kit.actor import Profession
from server.main.commands import people
from server.main.commands.clinics import Offer, offer
from server.main.refusal import RefusalError


def test_hours_are_read_as_they_are_typed() -> None:
    day = Span(8 * 60, 17 * 60)
    assert offer("doctor=mon-fri 08:00-17:00, Sat 22:00-06:30") == Offer(
        Profession.DOCTOR, (*((weekday, day) for weekday in range(5)), (5, Span(1320, 1830)))
    )
    assert offer("psychologist=sun 00:00-24:00").weekly == ((6, Span(0, 1440)),)
    assert offer("district_nurse=always") == Offer(Profession.DISTRICT_NURSE, always=True)


@pytest.mark.parametrize(
    "typed",
    [
        "doctor", "doctor=", "dentist=always", "doctor=mon 8-17", "doctor=fri-mon 08:00-17:00",
        "doctor=mon 08:60-17:00", "doctor=mon 24:00-24:00", "doctor=mon 08:00-08:00",
        "doctor=mån 08:00-17:00", "doctor=mon 08:00-17:00,", "doctor=mon 09:00-34:00",
    ],
)  # fmt: skip
def test_what_are_no_hours_is_said(typed: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="mon-fri 08:00-17:00"):
        offer(typed)


class _Terminal(StringIO):
    @override
    def isatty(self) -> bool:
        return True


def test_a_password_is_asked_for_twice_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["långt nog", "långt nog", "långt nog", "annat här", "kort", "kort"])
    monkeypatch.setattr(people, "getpass", lambda _prompt: next(typed))
    monkeypatch.setattr(sys, "stdin", _Terminal("not this\n"))
    assert people.read_password("ulla") == "långt nog"
    with pytest.raises(RefusalError, match="differ"):
        people.read_password("ulla")
    with pytest.raises(RefusalError, match="8 characters"):
        people.read_password("ulla")
    monkeypatch.setattr(sys, "stdin", StringIO("från ett rör\nmer\n"))
    assert people.read_password("ulla") == "från ett rör"
