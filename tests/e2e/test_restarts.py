"""What runs on the server ends in mid visit, politely or not, and nobody has to do anything."""

from __future__ import annotations

import os
import signal
import socket
import time

import pytest
from playwright.sync_api import expect

from .meeting import Enter, in_call, waiting
from .people import Clinician
from .product import Product, alive
from .watching import connections, not_told, sees_anew, still_by_video

pytestmark = pytest.mark.once("about the server and its media worker")

_BACK = 60_000


@pytest.mark.parametrize("how", ["asked", "killed"])
def test_the_server_ends_in_mid_visit(enter: Enter, product: Product, how: str) -> None:
    patient, clinician = in_call(enter)
    first = waiting(enter, username="noah", reason="Först i kön")
    second = waiting(enter, username="samira", reason="Sedan i kön")
    board = Clinician("maria.holmvik", clinician.context, clinician.link)
    board.page.goto(f"{board.base}/personal")
    expect(board.row("Sedan i kön")).to_be_visible()
    patient.write("Före")
    clinician.reads("Före")
    worker = product.media_worker()

    if how == "asked":
        product.stop()
        assert product.process is not None
        assert product.process.returncode == 0
    else:
        product.kill()
    patient.write("Under tiden")
    deadline = time.monotonic() + 30
    while alive(worker):
        assert time.monotonic() < deadline, "the media worker outlived its server"
        time.sleep(0.1)
    product.start()

    sees_anew(patient, clinician, timeout=_BACK)
    clinician.reads("Under tiden", timeout=_BACK)
    clinician.write("Efter")
    patient.reads("Efter", timeout=_BACK)
    assert patient.conversation() == clinician.conversation()
    for person in (patient, clinician):
        still_by_video(person)
    first.sees("patient.queue.next", timeout=_BACK)
    first.sees("patient.queue.live", timeout=_BACK)
    expect(second.page.get_by_text("2", exact=True).first).to_be_visible()
    expect(board.row("Först i kön")).to_be_visible()
    # The board is live again too: what happens now is seen without a reload.
    first.button("patient.queue.leave").click()
    first.button("patient.queue.leave_confirm").click()
    second.sees("patient.queue.next", timeout=_BACK)
    expect(board.row("Först i kön")).to_have_count(0, timeout=_BACK)
    expect(board.row("Sedan i kön")).to_be_visible()


def test_the_media_worker_dies_twice(enter: Enter, product: Product) -> None:
    patient, clinician = in_call(enter)
    workers = [product.media_worker()]
    for line in ("Första gången", "Andra gången"):
        killed = product.kill_media_worker()
        assert killed == workers[-1]
        patient.write(line)
        clinician.reads(line)
        sees_anew(patient, clinician, timeout=_BACK)
        workers.append(product.media_worker())
    assert len(set(workers)) == 3
    for person in (patient, clinician):
        still_by_video(person)
        person.reads("Första gången")
        person.reads("Andra gången")
    assert patient.conversation() == clinician.conversation()


@pytest.mark.parametrize("media_workers", [2])
def test_a_call_moves_to_the_worker_that_lives(enter: Enter, product: Product) -> None:
    patient, clinician = in_call(enter)
    other = product.media_worker(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
        # A first visit begins at the first worker, and that one can't come back.
        product.kill_media_worker(0)
        _take(thief, product.media[0])
        patient.write("Mitt i samtalet")
        clinician.reads("Mitt i samtalet")
        sees_anew(patient, clinician, timeout=_BACK)
    assert product.media_worker(1) == other
    for person in (patient, clinician):
        still_by_video(person)
        not_told(person, "visit.reconnecting.title")


@pytest.mark.parametrize("media_workers", [2])
def test_a_worker_is_replaced_and_nobody_notices(enter: Enter, product: Product) -> None:
    patient, clinician = in_call(enter)
    retired = product.media_worker(0)
    os.kill(retired, signal.SIGTERM)
    for person in (patient, clinician):
        person.page.wait_for_function("() => window.__peers.length === 2", timeout=_BACK)
    sees_anew(patient, clinician, timeout=_BACK)
    deadline = time.monotonic() + 30
    while alive(retired):
        assert time.monotonic() < deadline, "the worker did not end when its call had moved"
        time.sleep(0.1)
    assert product.media_worker(0) != retired
    for person in (patient, clinician):
        still_by_video(person)
        not_told(person, "visit.reconnecting.title")
        assert connections(person) == 2


def test_both_are_told_while_no_media_worker_can_start(enter: Enter, product: Product) -> None:
    patient, clinician = in_call(enter)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
        product.kill_media_worker()
        _take(thief, product.media[0])
        for person in (patient, clinician):
            person.sees("visit.reconnecting.title", timeout=30_000)
        patient.write("Bilden är borta")
        clinician.reads("Bilden är borta")
    sees_anew(patient, clinician, timeout=_BACK)
    for person in (patient, clinician):
        still_by_video(person)
        not_told(person, "visit.reconnecting.title")


def _take(thief: socket.socket, address: tuple[str, int]) -> None:
    """Bind the port that a killed process leaves, as soon as it is free."""
    deadline = time.monotonic() + 5
    while True:
        try:
            thief.bind(address)
        except OSError:
            assert time.monotonic() < deadline, "the successor was faster"
            time.sleep(0.005)
        else:
            return
