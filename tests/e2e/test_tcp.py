"""A firewall that lets no UDP through, and no TURN server: the relay itself takes media over TCP.

In each browser, because each has its own way to open such a connection (RFC 6544), and to make it
anew when the network was gone.
"""

from __future__ import annotations

import pytest

from .meeting import REASON, Enter, on_duty, waiting
from .people import Person
from .product import free_port
from .watching import comes_true, hears, still_by_video


@pytest.fixture
def product_settings() -> dict[str, str]:
    return {"VARDRUM_MEDIA_TCP_PORT": str(free_port())}


def comes_over(person: Person, protocol: str) -> None:
    """The page's connection runs over this, as the browser says of the other end of its pair."""
    comes_true(
        person,
        """async (protocol) => {
          const stats = await window.__peers.at(-1).getStats();
          for (const pair of stats.values())
            if (pair.type === 'candidate-pair' && pair.nominated && pair.state === 'succeeded')
              return stats.get(pair.remoteCandidateId).protocol === protocol;
          return false;
        }""",
        protocol,
    )


def test_a_visit_without_udp(enter: Enter) -> None:
    patient = waiting(enter)
    patient.link.cut_media()
    clinician = on_duty(enter)
    clinician.take(REASON)
    patient.go_in()
    for person in (patient, clinician):
        person.sees_picture()
        hears(person)
    comes_over(patient, "tcp")
    comes_over(clinician, "udp")
    # The network is gone for a while, as in a lift; UDP stays shut.
    patient.link.cut()
    patient.page.wait_for_timeout(3_000)
    patient.link.restore()
    patient.link.cut_media()
    for person in (patient, clinician):
        person.forget_pictures()
        person.sees_picture(60_000)
        still_by_video(person)
    comes_over(patient, "tcp")
