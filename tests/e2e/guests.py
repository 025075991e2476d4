"""Guests and the door they come by, from both sides of it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from .people import PATIENCE, Clinician, Person
from .screens import moves


class Guest(Person):
    """Somebody whom the clinician asks into the visit."""

    host = "patient.localhost"
    audience = "guest"

    def open_link(self, secret: str) -> None:
        """Open the link; the secret does not stay in the address."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.base}/gast#{secret}")
        expect(self.heading("guest.welcome.title")).to_be_visible()
        assert self.page.url == f"{self.base}/gast"

    def go_to_lobby(self) -> None:
        """Use the invitation, and wait."""
        self.button("guest.welcome.go").click()
        expect(self.heading("guest.lobby.title")).to_be_visible()


def open_people(person: Person) -> Locator:
    """The list of who is in the visit."""
    dialog = person.page.get_by_role("dialog", name=person.t("people.title"))
    if not dialog.is_visible():
        opener = person.button("visit.control.people").first
        if not opener.is_visible():
            person.button("visit.control.more").first.click()
        opener.click()
    expect(dialog).to_be_visible()
    return dialog


def invite(clinician: Clinician, name: str, role: str) -> str:
    """Invite somebody; the secret of the link, which is shown this once. The list stays open."""
    dialog = open_people(clinician)
    dialog.get_by_label(clinician.t("people.invite.name")).fill(name)
    dialog.get_by_role("radio", name=clinician.t(f"people.invite.role.{role}")).check(force=True)
    dialog.get_by_role("button", name=clinician.t("people.invite.make")).click()
    link = dialog.get_by_label(clinician.t("people.link.label"))
    # Staff are at an address of their own, which is not where a guest belongs.
    expect(link).to_have_value(re.compile(r"^http://patient\.localhost:\d+/gast#.{40,}$"))
    return link.input_value().partition("#")[2]


def knocks(clinician: Clinician, name: str) -> None:
    """The clinician is told that somebody waits."""
    lobby = clinician.page.get_by_role("region", name=clinician.t("people.lobby"))
    expect(lobby).to_contain_text(name, timeout=PATIENCE)


def admit(clinician: Clinician, name: str) -> None:
    """Let in who knocks: not before the patient's yes is noted."""
    lobby = clinician.page.get_by_role("region", name=clinician.t("people.lobby"))
    door = lobby.get_by_role("button", name=clinician.t("people.admit.one", name=name))
    door.click()
    expect(lobby).to_contain_text(clinician.t("people.consent.missing"))
    lobby.get_by_label(clinician.t("people.consent", name=name)).check()
    door.click()


def on_stage(viewer: Person) -> Locator:
    """Everybody whom the viewer sees by name."""
    return viewer.page.locator("figure").filter(has=viewer.page.locator("figcaption"))


def sees_people(viewer: Person, *names: str) -> None:
    """Exactly these are on the stage, and every one's picture moves."""
    expect(on_stage(viewer)).to_have_count(len(names), timeout=PATIENCE)
    for name in names:
        moves(on_stage(viewer).filter(has_text=name))
