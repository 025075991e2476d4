"""A page as everybody may meet it: both languages, light and dark, a small phone and a desk.

A journey is walked once; at each state `Looking` turns the page through every look where it
stands, and asks axe and a few measures of our own about each. All faults of a journey are told
together. With `VARDRUM_SCREENS=folder` every look is also kept as a picture, to be looked at.
"""

from __future__ import annotations

import itertools
import os
import re
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Route
from typing_extensions import override

from .browsers import EVERYWHERE
from .people import Person
from .probes import CONTRAST, CUT, OVERHANG, SETTLED, SMALL, UNSEEN

AXE = Path(__file__).resolve().parents[2] / "web-client/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]

PHONE = 320
DESK = 1280
_HEIGHT = {PHONE: 640, 390: 844, 768: 1024, DESK: 800}


@dataclass(frozen=True)
class Look:
    """One way to meet a page."""

    width: int
    language: str
    scheme: str

    @override
    def __str__(self) -> str:
        return f"{self.width}-{self.language}-{self.scheme}"


#: Every two of width, language and scheme meet; `VARDRUM_E2E_EVERYWHERE` asks for every three.
LOOKS = [
    Look(PHONE, "sv", "light"),
    Look(PHONE, "en", "dark"),
    Look(DESK, "sv", "dark"),
    Look(DESK, "en", "light"),
]
if EVERYWHERE in os.environ:
    LOOKS = [
        Look(*each) for each in itertools.product((PHONE, DESK), ("sv", "en"), ("light", "dark"))
    ]
#: Between the two widths that are measured, pictures are kept of what most people have.
_SEEN_ONLY = [Look(width, "sv", "light") for width in (390, 768)]

_RUN_AXE = """async (tags) => {
  const found = await axe.run(document, {
    runOnly: tags,
    rules: { 'target-size': { enabled: true } },
    resultTypes: ['violations', 'incomplete'],
  });
  const nodes = (one) => one.nodes.map((node) => node.target.join(' '));
  return {
    violations: found.violations.map((one) => `axe ${one.id}: ${one.help}: ${nodes(one)}`),
    unsure: found.incomplete.filter((one) => one.id === 'color-contrast').flatMap(nodes),
  };
}"""


def turn(person: Person, look: Look) -> None:
    """Give the page this look, without leaving the state that it is in."""
    page = person.page
    page.set_viewport_size({"width": look.width, "height": _HEIGHT[look.width]})
    page.emulate_media(color_scheme="dark" if look.scheme == "dark" else "light")
    speak(person, look.language)
    page.evaluate(SETTLED)


def speak(person: Person, language: str) -> None:
    """Switch by the control that is on every page, also where a dialog lies over it."""
    person.language = language
    page = person.page
    if page.locator("html").get_attribute("lang") == language:
        return
    page.locator("button[lang]").first.evaluate("(button) => button.click()")
    page.wait_for_function("(it) => document.documentElement.lang === it", arg=language)


def fetched(route: Route) -> Any:
    """The true answer to a request that a test wants to change a little before it is given."""
    # Names below localhost are the browser's own knowledge; what fetches here has no such.
    url = re.sub(r"//[a-z]+\.localhost", "//127.0.0.1", route.request.url)
    return route.fetch(url=url, headers=route.request.all_headers()).json()


def faults(person: Person) -> list[str]:
    """What axe and our own measures find on the page as it is now."""
    page = person.page
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate(_RUN_AXE, RULES)
    told: list[str] = found["violations"]
    told += page.evaluate(CONTRAST, found["unsure"])
    if page.title().strip() == "":
        told.append("the page has no title")
    for probe in (OVERHANG, CUT, SMALL, UNSEEN):
        told += page.evaluate(probe)
    return told


class Looking:
    """Collects what is wrong over a whole journey; says all of it at the end."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def at(self, person: Person, where: str) -> None:
        """Look at the state that the person's page is in now, in every way; then go back to one."""
        page = person.page
        before = page.viewport_size
        assert before is not None
        page.locator("h1").first.wait_for(state="attached")
        for look in LOOKS:
            turn(person, look)
            self._tell(where, look, faults(person))
            self._keep(person, where, look)
            if look.scheme == "light":
                self._tell(where, f"{look} with text twice as large", self._large(person, where))
        for look in _SEEN_ONLY:
            if "VARDRUM_SCREENS" in os.environ:
                turn(person, look)
                self._keep(person, where, look)
        turn(person, Look(DESK, "sv", "light"))
        page.set_viewport_size(before)
        page.evaluate(SETTLED)

    def _large(self, person: Person, where: str) -> list[str]:
        """WCAG 1.4.4: with text twice as large nothing is lost."""
        page = person.page
        page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
        page.evaluate(SETTLED)
        faults: list[str] = page.evaluate(OVERHANG) + page.evaluate(CUT)
        width = (page.viewport_size or {"width": 0})["width"]
        self._keep(person, f"{where} large", Look(width, "sv", "light"))
        page.evaluate("() => { document.documentElement.style.fontSize = ''; }")
        page.evaluate(SETTLED)
        return faults

    def _tell(self, where: str, how: object, faults: list[str]) -> None:
        self.faults += [f"{where}, {how}: {fault}" for fault in faults]

    def _keep(self, person: Person, where: str, look: Look) -> None:
        folder = os.environ.get("VARDRUM_SCREENS")
        if folder is None:
            return
        name = re.sub(r"\W+", "-", f"{person.audience} {where} {look}")
        person.page.screenshot(path=Path(folder) / f"{name}.png")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.faults:
            told = "\n".join(self.faults)
            if error is not None:
                error.add_note(told)
                return
            raise AssertionError(f"{len(self.faults)} faults:\n{told}")
