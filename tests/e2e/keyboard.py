"""What somebody without a mouse does, and where the focus is then."""

from __future__ import annotations

import re

from playwright.sync_api import Error

from .people import Person

_FOCUSED = """() => {
  const it = document.activeElement;
  // Nothing has the focus: between the last stop and the first it is the browser's own turn.
  if (it === null || it === document.body) return { name: '', role: '' };
  const labels = [...(it.labels ?? [])].map((label) => label.innerText).join(' ');
  const name = it.getAttribute('aria-label') || labels || it.innerText || it.value || '';
  return { name, role: it.getAttribute('role') || it.type || it.tagName };
}"""


def focused(person: Person) -> dict[str, str]:
    """Name and role of what has the focus; both empty when nothing has."""
    found: dict[str, str] = person.page.evaluate(_FOCUSED)
    return found


def tab_to(person: Person, name: re.Pattern[str], role: str | None = None) -> None:
    """Press Tab until what has this name is focused; not one stop may be passed over."""
    for _ in range(80):
        person.page.keyboard.press("Tab")
        found = focused(person)
        if name.search(found["name"]) and (role is None or found["role"] == role):
            return
    raise AssertionError(f"nothing called {name.pattern} is reached by Tab")


def press(person: Person, key: str, **values: str) -> None:
    """Go to the button or link with this text, and press it."""
    tab_to(person, person.t(key, **values))
    person.page.keyboard.press("Enter")


def focus_is_on(person: Person, name: re.Pattern[str]) -> None:
    """Wait until the focus is on what has this name."""
    try:
        person.page.wait_for_function(
            f"(words) => new RegExp(words).test(({_FOCUSED})().name)", arg=name.pattern
        )
    except Error as error:
        error.add_note(f"not on {name.pattern}, but on {focused(person)}")
        raise
