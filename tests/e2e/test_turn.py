"""A firewall that lets no UDP through: the visit is held all the same, through a TURN server.

Of the patient's UDP nothing passes but what comes from the TURN server's own ports, and to that
there is TCP alone: a picture that comes has come that way.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from . import turn
from .meeting import REASON, Enter, in_visit, on_duty, waiting
from .watching import hears, still_by_video

pytestmark = pytest.mark.once(
    "about the network; the browsers' own ways to a TURN server are theirs"
)


@pytest.fixture
def turn_server(tmp_path: Path) -> Iterator[turn.Turn]:
    with turn.running(tmp_path) as server:
        yield server


@pytest.fixture
def product_settings(turn_server: turn.Turn) -> dict[str, str]:
    return {"VARDRUM_TURN_URLS": turn_server.url, "VARDRUM_TURN_SECRET": turn_server.secret}


def test_a_visit_without_udp(enter: Enter, turn_server: turn.Turn) -> None:
    patient = waiting(enter)
    patient.link.faults.beyond = turn_server.relays_from
    patient.link.cut_media()
    clinician = on_duty(enter)
    clinician.take(REASON)
    patient.go_in()
    patient.sees_picture()
    clinician.sees_picture()
    hears(patient)
    hears(clinician)
    for person in (patient, clinician):
        still_by_video(person)


def test_udp_lost_in_mid_visit(enter: Enter, turn_server: turn.Turn) -> None:
    patient, clinician = in_visit(enter)
    patient.sees_picture()
    clinician.sees_picture()
    patient.link.faults.beyond = turn_server.relays_from
    patient.link.cut_media()
    for person in (patient, clinician):
        person.forget_pictures()
    for person in (patient, clinician):
        person.sees_picture(60_000)
        still_by_video(person)
