"""Nobody between two devices sees or hears them; and where that can't be had, the page says so."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import expect

from .browsers import KINDS, Kind, the_other
from .meeting import REASON, Enter, in_call, on_duty, waiting
from .people import PATIENCE
from .watching import code_of, connections, receives

#: A browser of before frames could be taken out of its hands; until the page says otherwise.
_OLD_BROWSER = """
  if (!sessionStorage.getItem('updated')) delete window.RTCRtpScriptTransform;
"""

#: A browser that takes a transform for what is sent and lets the frames pass it by.
_AROUND = """
  Object.defineProperty(RTCRtpSender.prototype, 'transform', { set() {}, get: () => null });
"""

#: A server that shows a person another public key than the one that the other's device gave it.
_OTHER_KEY = """
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    set onmessage(listen) {
      super.onmessage = (event) => listen({
        data: typeof event.data === 'string'
          ? event.data.replaceAll(/"public_key":"[^"]*"/g, '"public_key":"%s"')
          : event.data,
      });
    }
  };
"""


def _point() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.once("with itself and with the other")
@pytest.mark.parametrize("theirs", KINDS)
def test_both_read_the_same_code_aloud(enter: Enter, kind: Kind, theirs: Kind) -> None:
    patient, clinician = in_call(enter, browser=kind, clinician_how={"browser": theirs})
    code = code_of(patient)
    assert code == code_of(clinician)
    assert len(code.split()) == 6
    # A reload is another device to the other: new keys, a new code, and pictures again.
    patient.page.reload()
    patient.sees_picture()
    clinician.forget_pictures()
    clinician.sees_picture()
    again = code_of(patient)
    assert again == code_of(clinician) != code
    assert patient.complaints == clinician.complaints == []


def test_a_key_that_the_server_changed_shows_nothing(enter: Enter, kind: Kind) -> None:
    other = next(each for each in KINDS if each != kind)
    patient = waiting(enter, browser=kind)
    patient.context.add_init_script(_OTHER_KEY % _point())
    patient.page.reload()
    clinician = on_duty(enter, browser=other)
    clinician.take(REASON)
    patient.go_in()
    for each in (patient, clinician):
        each.sees("visit.private.unread.title", timeout=PATIENCE)
        expect(each.button("visit.private.on")).to_be_visible()
    # It all came, it was all hidden, and not one picture was shown.
    for each in (patient, clinician):
        receives(each, "video", 50)
        receives(each, "audio", 50)
        assert each.frames() == 0
        each.button("visit.private.on").click()
        each.sees("private.code.wait")


def test_one_who_cannot_switches_it_off_for_both_and_both_see_it(enter: Enter, kind: Kind) -> None:
    other = next(each for each in KINDS if each != kind)
    patient = waiting(enter, browser=kind)
    patient.context.add_init_script(_OLD_BROWSER)
    patient.page.reload()
    clinician = on_duty(enter, browser=other)
    clinician.take(REASON)
    patient.go_in()
    for each, why in ((patient, "private.off.own"), (clinician, "private.off.others")):
        each.sees_picture()
        each.button("visit.private.off").click()
        each.sees(why)
        each.page.keyboard.press("Escape")
    # With another browser it is on for both, without the clinician doing anything.
    patient.page.evaluate("sessionStorage.setItem('updated', 'yes')")
    patient.page.reload()
    patient.sees_picture()
    clinician.forget_pictures()
    clinician.sees_picture()
    assert code_of(patient) == code_of(clinician)


def test_a_browser_that_lets_frames_pass_is_found_out_and_both_see_it(
    enter: Enter, kind: Kind
) -> None:
    patient = waiting(enter, browser=kind)
    patient.context.add_init_script(_AROUND)
    patient.page.reload()
    clinician = on_duty(enter, browser=the_other(kind))
    clinician.take(REASON)
    patient.go_in()
    # The connection that leaked is closed, and the call goes on without keys.
    patient.sees("visit.private.did_not.title", timeout=PATIENCE)
    for each, why in ((patient, "private.off.did_not"), (clinician, "private.off.others")):
        each.sees_picture()
        expect(each.button("visit.private.off")).to_be_visible(timeout=PATIENCE)
        each.button("visit.private.off").click()
        each.sees(why)
        each.page.keyboard.press("Escape")
    assert patient.page.evaluate("() => window.__peers.map((peer) => peer.connectionState)")[0] == (
        "closed"
    )
    patient.button("visit.notice.read").click()
    # A reload is no second chance for it.
    patient.page.reload()
    patient.sees("visit.private.did_not.title", timeout=PATIENCE)
    patient.sees_picture()
    assert connections(patient) == 1
    assert patient.complaints == clinician.complaints == []
