"""A third person: invited, waiting, let in, late, away, back and shown out; and nobody freezes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from .guests import Guest, admit, invite, knocks, on_stage, open_people, sees_people
from .looks import Looking
from .meeting import Enter, in_call
from .people import PATIENCE, Person
from .screens import screen_of, sees_screen, share
from .watching import code_of, hears

pytestmark = pytest.mark.once("one journey of four people, with a Firefox in it, and its looks")

#: The longest time between two frames of one picture, and between two turns of the page itself: a
#: machine that stands still sees nothing come, and sends nothing. What the page says of its own
#: link, on which pictures are held back for a while when it is too thin, is no freeze.
_WATCH = """(video) => {
  const now = () => performance.now() / 1000;
  const watch = (window.__gaps = { frame: 0, turn: 0 });
  let frame = now();
  let turn = now();
  let held = false;
  const next = () => {
    held = false;
    watch.frame = Math.max(watch.frame, now() - frame);
    frame = now();
    video.requestVideoFrameCallback(next);
  };
  video.requestVideoFrameCallback(next);
  setInterval(() => {
    watch.turn = Math.max(watch.turn, now() - turn);
    turn = now();
    held ||= document.querySelector('[data-held]') !== null;
    if (held) frame = now();
    watch.since = turn - frame;
  }, 50);
}"""

#: What a person would call a freeze, in seconds.
_FREEZE = 1.0


def _watch_each_other(one: Person, other: Person) -> None:
    for viewer in (one, other):
        video = viewer.page.locator("figure video").first
        video.evaluate("(video) => { video.dataset.since = 'the start'; }")
        video.evaluate(_WATCH)


def _froze(one: Person, other: Person) -> dict[str, float]:
    """The longest freeze that each saw of the other, but for what the machine stood still."""
    gaps: list[dict[str, Any]] = [each.page.evaluate("window.__gaps") for each in (one, other)]
    stood = sum(each["turn"] for each in gaps)
    return {
        each.username: max(gap["frame"], gap["since"]) - stood
        for each, gap in zip((one, other), gaps, strict=True)
    }


def expect_one_code(*people: Person) -> None:
    """All read the same aloud: the devices that are in the call, and nobody between them."""
    codes = {each.username: code_of(each) for each in people}
    assert len(set(codes.values())) == 1, codes


def test_an_interpreter_comes_and_goes_and_nobody_freezes(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    _watch_each_other(patient, clinician)
    interpreter: Guest = enter(Guest, "anna", browser="firefox")
    stranger: Guest = enter(Guest, "bo")

    # Somebody is turned away, and somebody is let in.
    stranger.open_link(invite(clinician, "Bo", "relative"))
    clinician.page.keyboard.press("Escape")
    stranger.go_to_lobby()
    knocks(clinician, "Bo")
    clinician.button("people.show").first.click()
    clinician.button("people.refuse.one", name="Bo").click()
    stranger.sees("guest.ending.refused.title")
    clinician.page.keyboard.press("Escape")

    link = invite(clinician, "Anna", "interpreter")
    clinician.page.keyboard.press("Escape")
    interpreter.open_link(link)
    interpreter.go_to_lobby()
    expect(interpreter.page.get_by_text("Maria Holmvik").first).to_be_visible()
    knocks(clinician, "Anna")
    # Who closes the page in the lobby does not stand there any more, until it is open again.
    interpreter.page.goto("about:blank")
    people = open_people(clinician)
    expect(people).to_contain_text(clinician.t("people.where.closed"), timeout=PATIENCE)
    expect(people).to_contain_text(clinician.t("people.admit.away", name="Anna"))
    interpreter.page.goto(f"{interpreter.base}/gast")
    expect(interpreter.heading("guest.lobby.title")).to_be_visible()
    expect(people).to_contain_text(clinician.t("people.where.waiting"), timeout=PATIENCE)
    clinician.page.keyboard.press("Escape")
    knocks(clinician, "Anna")
    admit(clinician, "Anna")
    sees_people(interpreter, "Astrid", "Maria Holmvik")
    sees_people(patient, "Maria Holmvik", "Anna")
    sees_people(clinician, "Astrid Lindeborg", "Anna")
    for each in (patient, clinician, interpreter):
        hears(each)
    patient.sees("people.role.interpreter")
    # There is nothing for a guest of what the two write.
    expect(interpreter.button("visit.control.chat")).to_have_count(0)

    # All three are hidden from the server, across both browsers, and so is a screen.
    everybody = (patient, clinician, interpreter)
    expect_one_code(*everybody)
    share(clinician)
    for each in (patient, interpreter):
        sees_screen(each, "Maria Holmvik")
    for each in everybody:
        expect(each.button("visit.private.on")).to_be_visible()
    clinician.button("visit.screen.stop").first.click()
    for each in (patient, interpreter):
        expect(screen_of(each, "Maria Holmvik")).to_have_count(0, timeout=PATIENCE)

    # Away by a reload, by leaving, and back both times; out for good when shown out.
    interpreter.page.reload()
    sees_people(interpreter, "Astrid", "Maria Holmvik")
    sees_people(patient, "Maria Holmvik", "Anna")
    interpreter.button("visit.control.leave").first.click()
    interpreter.button("guest.leave.yes").click()
    interpreter.sees("guest.ending.left.title")
    expect(on_stage(patient)).to_have_count(0, timeout=PATIENCE)
    interpreter.button("guest.ending.back").click()
    sees_people(interpreter, "Astrid", "Maria Holmvik")
    sees_people(clinician, "Astrid Lindeborg", "Anna")
    open_people(clinician).get_by_role(
        "button", name=clinician.t("people.remove.one", name="Anna")
    ).click()
    clinician.page.get_by_role("dialog", name=clinician.t("people.remove.title")).get_by_role(
        "button", name=clinician.t("people.remove")
    ).click()
    interpreter.sees("guest.ending.removed.title")
    expect(on_stage(patient)).to_have_count(0, timeout=PATIENCE)
    # The same link leads nowhere now.
    interpreter.open_link(link)
    interpreter.button("guest.welcome.go").click()
    interpreter.sees("guest.problem.over.title")

    froze = _froze(patient, clinician)
    assert max(froze.values()) < _FREEZE, froze
    for each in (patient, clinician):
        video = each.page.locator("figure video").first
        expect(video).to_have_attribute("data-since", "the start")
        assert each.complaints == []
    assert interpreter.complaints == stranger.complaints == []


_STAGE = "() => document.querySelector('main').clientHeight > innerHeight / 2"


def test_every_state_of_a_guest_in_every_look(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    guest: Guest = enter(Guest, "anna")
    with Looking() as look:
        guest.page.goto(f"{guest.base}/gast")
        guest.sees("guest.ending.none.title")
        look.at(guest, "without a link")
        link = invite(clinician, "Anna", "sign_interpreter")
        look.at(clinician, "people, invited")
        clinician.page.keyboard.press("Escape")
        guest.open_link(link)
        look.at(guest, "welcome")
        guest.go_to_lobby()
        look.at(guest, "lobby")
        knocks(clinician, "Anna")
        look.at(clinician, "somebody knocks")
        admit(clinician, "Anna")
        sees_people(guest, "Astrid", "Maria Holmvik")
        # The line on who signs is a line, and the stage has the rest.
        guest.sees("needs.you.signs")
        guest.page.wait_for_function(_STAGE, timeout=PATIENCE)
        look.at(guest, "in the call")
        look.at(patient, "three in the call")
        for layout in ("grid", "pip"):
            patient.button("people.layout").first.click()
            patient.page.get_by_role("radio", name=patient.t(f"people.layout.{layout}")).check(
                force=True
            )
            look.at(patient, f"choosing {layout}")
            patient.page.keyboard.press("Escape")
            look.at(patient, f"three in the call, {layout}")
        open_people(patient)
        look.at(patient, "people")
        guest.button("visit.control.leave").first.click()
        guest.button("guest.leave.yes").click()
        guest.sees("guest.ending.left.title")
        look.at(guest, "left")
        guest.button("guest.gone.action").click()
        look.at(guest, "leaving for good?")
        guest.button("guest.gone.yes").click()
        guest.sees("guest.ending.gone.title")
        look.at(guest, "left for good")
        people = open_people(clinician)
        expect(people).to_contain_text(clinician.t("people.where.gone"), timeout=PATIENCE)
        look.at(clinician, "people, one gone for good")
        clinician.page.keyboard.press("Escape")
        # The invitation is used up with it.
        guest.open_link(link)
        guest.button("guest.welcome.go").click()
        guest.sees("guest.problem.over.title")
        again = invite(clinician, "Anna", "relative")
        clinician.page.keyboard.press("Escape")
        guest.open_link(again)
        guest.go_to_lobby()
        clinician.end()
        guest.sees("guest.ending.expired.title")
        look.at(guest, "the visit is over")
