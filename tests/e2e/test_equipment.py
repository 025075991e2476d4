"""The patient tests the equipment over the server that the visit uses; the clinician reads it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .meeting import CLINIC, REASON, Enter, on_duty
from .people import PATIENCE, Patient

#: Words, never numbers: how good a busy machine's loopback is may differ.
NETWORK = ("good", "weak", "bad")


def test_the_test_goes_by_the_server_and_reaches_the_clinician(enter: Enter) -> None:
    clinician = on_duty(enter)
    patient: Patient = enter(Patient, "astrid")
    patient.arrive()
    patient.ask_for(CLINIC, "doctor", REASON, "video")
    clinician.sees("staff.equipment.none")
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
