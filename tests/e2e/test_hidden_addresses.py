"""Two people whose browsers hide their addresses behind `.local` names (mDNS, RFC 8828): they meet.

A browser hides them where nobody was asked for camera and microphone. The server is told of no
address then, and answers whoever asks it. It takes media on this machine's own address here, as on
a network: Firefox that hides sends from the default route's address alone, and makes no pair of
that and loopback.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import ip_address
from typing import Final

import pytest
from playwright.sync_api import expect

from signaling.media.address import default_addresses

from .meeting import REASON, Enter, on_duty, waiting
from .people import PATIENCE, Person
from .watching import ceases, comes_to_reach

#: Keeps what the page says over its socket from now on, as it goes out.
_LISTEN = """() => {
  window.__said = [];
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (typeof data === 'string') window.__said.push(data);
    send.call(this, data);
  };
}"""


#: A network card whose cable ends in another one, and a way out by it.
_CARD: Final = (
    "ip link add nowhere type veth peer name nobody",
    "ip link set nobody up",
    "ip link set nowhere up",
    "ip address add 192.0.2.1/24 dev nowhere",
    "ip route add default dev nowhere",
)


def own_addresses() -> list[str]:
    """This machine's addresses towards the outside."""
    return [each for each in default_addresses() if not ip_address(each).is_loopback]


@pytest.fixture
def media_addresses() -> Iterator[tuple[str, ...]]:
    """This machine's own address towards the outside; one is made for a machine that has none."""
    with ExitStack() as made:
        if not own_addresses() and os.geteuid() == 0 and shutil.which("ip"):
            made.callback(subprocess.run, ["ip", "link", "delete", "nowhere"], check=False)
            for step in _CARD:
                subprocess.run(step.split(), check=True)
        own = own_addresses()
        if not own:
            pytest.fail(
                "This machine has no address but loopback, and from a hidden one Firefox reaches "
                "no loopback. Connect it, or give it, as root, an address that leads nowhere:\n  "
                + "\n  ".join(_CARD)
            )
        yield (own[0],)


def answers(person: Person) -> list[str]:
    """The session descriptions that her page has answered calls with, as the server gets them."""
    said: list[str] = person.page.evaluate("() => window.__said")
    events = [json.loads(each[each.index("[") :]) for each in said if '["call.answer"' in each]
    return [event[1]["sdp"] for event in events]


def gathered(person: Person) -> str:
    """The description of her end of the last call, once her browser has found addresses for it."""
    found = person.page.wait_for_function(
        """() => {
          const { iceGatheringState, localDescription } = window.__peers.at(-1);
          return iceGatheringState === 'complete' && localDescription.sdp;
        }""",
        timeout=PATIENCE,
    )
    return str(found.json_value())


def candidates(sdp: str) -> list[str]:
    """The addresses of its candidates (RFC 8839 section 5.1)."""
    return re.findall(r"^a=candidate:\S+ \d+ \S+ \d+ (\S+) ", sdp, re.MULTILINE)


def test_nobody_tells_an_address_and_both_see_each_other(
    enter: Enter, media_addresses: tuple[str, ...]
) -> None:
    (own,) = media_addresses
    patient = waiting(enter, devices="unasked")
    clinician = on_duty(enter, devices="unasked")
    for person in (patient, clinician):
        person.page.evaluate(_LISTEN)
    clinician.take(REASON)
    patient.go_in()
    for person in (clinician, patient):
        go_on = person.button("visit.explain.go")
        expect(go_on).to_be_visible()
        go_on.click()
    for person in (patient, clinician):
        person.sees_picture()
        comes_to_reach(person, own)
        found, told = gathered(person), answers(person)
        assert candidates(found), found
        assert told
        for sdp in (found, *told):
            assert all(each.endswith(".local") for each in candidates(sdp)), sdp
            assert own not in sdp
    # It was the other's picture, by way of the other's network.
    clinician.link.cut_media()
    ceases(patient, "video")
