"""What is read aloud to who can't see the page: which words, how urgently, how often."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .crowd import joins
from .looks import PHONE
from .meeting import REASON, Enter, in_call, in_visit, on_duty, waiting
from .people import Person

pytestmark = pytest.mark.once("about our markup")

#: Remembers what comes into the page's live regions: the words, and how urgently.
_LISTEN = """() => {
  window.__said = [];
  const polite = { status: 'polite', log: 'polite', alert: 'assertive' };
  const hear = (node) => {
    const element = node instanceof Element ? node : node.parentElement;
    const region = element?.closest('[aria-live], [role=status], [role=log], [role=alert]');
    const words = node.textContent.trim();
    if (!region || words === '' || region.closest('[hidden]')) return;
    const how = region.getAttribute('aria-live') ?? polite[region.getAttribute('role')];
    // Behind a modal dialog everything is inert, and silent.
    const modal = document.querySelector('dialog:modal');
    if (modal === null || modal.contains(region)) window.__said.push({ how, words });
  };
  new MutationObserver((changes) => {
    for (const { addedNodes, type, target } of changes) {
      if (type === 'characterData') hear(target);
      for (const node of addedNodes) {
        hear(node);
        if (node instanceof Element)
          for (const inner of node.querySelectorAll('[role=alert], [role=status]')) hear(inner);
      }
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def listen(person: Person) -> None:
    person.page.evaluate(_LISTEN)


def said(person: Person) -> list[dict[str, str]]:
    """What has been read aloud since `listen`."""
    heard: list[dict[str, str]] = person.page.evaluate("() => window.__said")
    return heard


def hears(person: Person, words: re.Pattern[str], how: str) -> None:
    """Wait until the words are said, with this urgency."""
    person.page.wait_for_function(
        """([words, how]) => window.__said.some(
          (one) => one.how === how && new RegExp(words).test(one.words))""",
        arg=[words.pattern.replace("\\ ", " "), how],
    )


def test_the_place_is_told_at_most_once_a_minute(enter: Enter) -> None:
    ahead = [joins(enter, name, "Före") for name in ("noah", "bengt", "linnea")]
    patient = waiting(enter, username="astrid")
    heading = patient.heading("patient.queue.you_are")
    expect(heading).to_contain_text("4")
    patient.page.clock.install()
    patient.page.reload()
    expect(heading).to_contain_text("4")
    listen(patient)

    def told() -> list[str]:
        return [one["words"] for one in said(patient) if "kön" in one["words"]]

    ahead[0].leave_queue()
    hears(patient, re.compile("Du är nummer 3 i kön"), "polite")
    ahead[1].leave_queue()
    expect(heading).to_contain_text("2")
    ahead[2].leave_queue()
    patient.sees("patient.queue.next")
    # Seen at once, and not talked about before a minute has gone: then the newest alone.
    assert len(told()) == 1
    patient.page.clock.fast_forward(61_000)
    hears(patient, re.compile("Du är näst på tur"), "polite")
    assert not any("nummer 2" in one["words"] for one in said(patient))


def test_newcomers_are_told_at_most_once_a_minute(enter: Enter) -> None:
    joins(enter, "astrid", "Ärende 1")
    clinician = on_duty(enter)
    expect(clinician.row("Ärende 1")).to_be_visible()
    clinician.page.clock.install()
    clinician.page.reload()
    expect(clinician.row("Ärende 1")).to_be_visible()
    listen(clinician)

    def told() -> list[str]:
        return [one["words"] for one in said(clinician) if "i kön" in one["words"]]

    joins(enter, "noah", "Ärende 2")
    hears(clinician, re.compile("^1 ny patient i kön$"), "polite")
    for number, name in enumerate(("samira", "bengt"), 3):
        joins(enter, name, f"Ärende {number}")
        expect(clinician.row(f"Ärende {number}")).to_be_visible()
    assert told() == ["1 ny patient i kön"]
    clinician.page.clock.fast_forward(61_000)
    hears(clinician, re.compile("^2 nya patienter i kön$"), "polite")
    assert len(told()) == 2


def test_the_call_is_told_at_once_and_by_the_title(enter: Enter) -> None:
    patient = waiting(enter)
    clinician = on_duty(enter)
    listen(patient)
    clinician.take(REASON)
    patient.is_called()
    hears(patient, re.compile(r"Din tur\. Maria Holmvik väntar på dig"), "assertive")
    expect(patient.page).to_have_title(re.compile("Din tur"))
    expect(patient.page.locator("h1:focus")).to_have_text(patient.t("patient.turn.title"))
    expect(patient.page.get_by_role("dialog")).to_have_accessible_name(
        patient.t("patient.turn.title")
    )


def test_name_and_role_are_told_when_the_call_starts(enter: Enter) -> None:
    patient, clinician = in_visit(enter)
    listen(patient)
    listen(clinician)
    patient.sees_picture()
    hears(patient, patient.t("visit.live.announce", name="Maria Holmvik"), "polite")
    (words,) = [one["words"] for one in said(patient) if "Maria Holmvik" in one["words"]]
    assert "läkare" in words.lower()
    hears(clinician, clinician.t("visit.live.announce", name="Astrid Lindeborg"), "polite")


def test_the_call_tells_what_happens_in_it(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    listen(patient)
    listen(clinician)
    patient.button("visit.control.mic").click()
    hears(clinician, clinician.t("visit.muted", name="Astrid Lindeborg"), "polite")
    clinician.write("Hör du mig?")
    hears(patient, re.compile("Hör du mig"), "polite")
    patient.link.cut_media()
    hears(patient, patient.t("visit.reconnecting.title"), "polite")
    patient.link.restore()
    hears(patient, patient.t("visit.back"), "polite")


def test_a_message_is_told_while_the_conversation_is_closed(enter: Enter) -> None:
    patient, clinician = in_visit(enter, width=PHONE)
    patient.sees_picture()
    listen(patient)
    clinician.write("Ta fram en ficklampa")
    hears(patient, re.compile("Maria Holmvik: Ta fram en ficklampa"), "polite")
