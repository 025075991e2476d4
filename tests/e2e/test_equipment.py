"""The patient tests the equipment over the server that the visit uses; the clinician reads it.

She signs: that is said with the rest, and shown before and in the visit.
"""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .meeting import CLINIC, REASON, Enter, on_duty
from .people import PATIENCE, Clinician, Patient

#: Words, never numbers: how good a busy machine's loopback is may differ.
NETWORK = ("good", "weak", "bad")


def test_the_test_goes_by_the_server_and_reaches_the_clinician(enter: Enter) -> None:
    clinician = on_duty(enter)
    patient: Patient = enter(Patient, "astrid")
    patient.arrive()
    patient.ask_for(CLINIC, "doctor", REASON, "video", "signs")
    clinician.sees("staff.equipment.none")
    expect(clinician.row(REASON)).to_contain_text(clinician.t("needs.word.signs"))
    patient.button("patient.queue.test").click()
    patient.button("patient.check.start").click()
    patient.sees("patient.check.camera_ok")
    # One's own picture comes back from the server, and is muted.
    returned = patient.page.get_by_label(patient.t("patient.check.returned"))
    expect(returned).to_be_visible(timeout=PATIENCE)
    patient.page.wait_for_function(
        "video => video.muted && video.videoWidth > 0 && video.currentTime > 0",
        arg=returned.element_handle(),
        timeout=PATIENCE,
    )
    words = [patient.t(f"patient.check.network_{word}").pattern for word in NETWORK]
    verdict = patient.page.get_by_text(re.compile(f"^({'|'.join(words)})$"))
    expect(verdict).to_be_visible(timeout=PATIENCE)
    said = NETWORK[next(n for n, w in enumerate(words) if re.search(w, verdict.inner_text()))]
    patient.sees("patient.check.transport_udp")
    patient.button("patient.check.done").click()
    # The board has another word now, without anybody doing anything.
    expect(clinician.page.get_by_text(clinician.t("staff.equipment.none"))).to_have_count(0)
    clinician.take(REASON)
    clinician.sees("staff.equipment.camera_ok")
    clinician.sees(f"staff.equipment.network_{said}")
    clinician.sees("staff.equipment.transport_udp")
    clinician.sees("needs.word.signs")
    _sees_and_is_seen(patient, clinician)


#: What the sender was told, and what the camera was asked for.
_MOVES = """() => {
  const sender = window.__peers.at(-1).getTransceivers().find(({ mid }) => mid === '1').sender;
  const { encodings: [first], degradationPreference: gives } = sender.getParameters();
  // Firefox tells nothing of what gives way.
  const lines = (gives ?? 'maintain-framerate') === 'maintain-framerate';
  return lines && first.maxFramerate >= 25 && window.__asked.frameRate.ideal >= 25;
}"""


def _sees_and_is_seen(patient: Patient, clinician: Clinician) -> None:
    """She signs: the turn flashes, the picture keeps moving, and what is offered is text."""
    patient.is_called()
    turn = patient.page.get_by_role("dialog", name=patient.t("patient.turn.title"))
    expect(turn).to_have_css("animation-duration", "1s")
    patient.go_in()
    patient.sees_picture()
    clinician.sees_picture()
    clinician.sees("needs.with.signs")
    patient.page.wait_for_function(_MOVES, timeout=PATIENCE)
    # The conversation is beside the picture for both, before anybody opened it.
    for person in (patient, clinician):
        expect(person.page.get_by_label(person.t("visit.chat.label"))).to_be_visible()
    patient.link.cut_media()
    expect(patient.button("visit.reconnecting.chat")).to_be_visible(timeout=PATIENCE)
    expect(patient.button("visit.reconnecting.sound")).to_have_count(0)
    patient.link.restore()
