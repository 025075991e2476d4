"""Two servers and one media node: people are at different servers, and one of those dies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from infra.cluster import Cluster, Plan

from .browsers import Browsers, Kind
from .door import Door
from .meeting import REASON, on_duty, waiting
from .network import Network
from .product import Product
from .watching import connections, receives, sees_anew, still_by_video

pytestmark = pytest.mark.once("about the servers")

_BACK = 60_000
_LOOPBACK = "127.0.0.1"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Two servers that share one media node."""
    plan = Plan(servers=2, media=1, settings={"media_address": _LOOPBACK})
    with Cluster(tmp_path, plan) as running:
        yield running


@pytest.fixture
def product() -> Any:
    """There is no single one here."""


@pytest.fixture
def doors(
    cluster: Cluster, browsers: Browsers, network: Network, kind: Kind
) -> Iterator[list[Door]]:
    """The doors of server 1, of server 2, and of haproxy before both."""
    opened = [
        Door(_at(cluster, port), browsers, network, kind)
        for port in (cluster["server-1"].port, cluster["server-2"].port, cluster.port)
    ]
    yield opened
    for door in opened:
        door.close()


def _at(cluster: Cluster, port: int) -> Product:
    (node,) = cluster.nodes
    return Product(
        data=cluster.folder,
        web_port=port,
        media_port=int(node.environment["VARDRUM_MEDIA_PORT"]),
        metrics_port=0,
        log=cluster["server-1"].log,
        web_host=_LOOPBACK,
        media_addresses=(_LOOPBACK,),
        extra={},
    )


def test_a_visit_at_two_servers_of_which_one_is_killed(cluster: Cluster, doors: list[Door]) -> None:
    first, second, entrance = doors
    patient = waiting(first)
    behind = waiting(entrance, username="noah", reason="Hosta")
    clinician = on_duty(second)
    # The queue is one: what server 1 was told, server 2 shows, and says so by itself.
    expect(clinician.row("Hosta")).to_be_visible()
    clinician.take(REASON)
    patient.go_in()
    patient.sees_picture(_BACK)
    clinician.sees_picture(_BACK)
    patient.write("Hör du mig?")
    clinician.reads("Hör du mig?")
    clinician.write("Ja!")
    patient.reads("Ja!")
    behind.sees("patient.queue.next", timeout=_BACK)
    made = connections(patient), connections(clinician)

    cluster.kill("server-1")
    patient.write("Under tiden")
    # Her server is gone, the call is not: it lives at the media node.
    for person in (patient, clinician):
        receives(person, "video", 30)
    cluster.start("server-1")
    clinician.reads("Under tiden", timeout=_BACK)
    clinician.write("Efter")
    patient.reads("Efter", timeout=_BACK)
    sees_anew(patient, clinician, timeout=_BACK)
    for person in (patient, clinician):
        still_by_video(person)
    # The same connections as before: nobody shook hands anew.
    assert (connections(patient), connections(clinician)) == made
    assert patient.conversation() == clinician.conversation()

    # Whoever waits came to one of them by haproxy; what she does is seen at the other.
    clinician.note_box.fill("Egenvårdsråd givna.")
    clinician.end()
    patient.sees("visit.summary.ended.title", timeout=_BACK)
    clinician.page.goto(f"{clinician.base}/personal")
    expect(clinician.row("Hosta")).to_be_visible()
    behind.button("patient.queue.leave").click()
    behind.button("patient.queue.leave_confirm").click()
    expect(clinician.row("Hosta")).to_have_count(0, timeout=_BACK)
