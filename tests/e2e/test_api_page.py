"""The page about the API: axe finds nothing, it fits a phone, and the keyboard is enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from server.app.build import document

from .looks import faults
from .people import Patient

Enter = Callable[..., Any]


@pytest.mark.once("a page without a script")
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_the_api_page(enter: Enter, width: int, scheme: str) -> None:
    reader: Patient = enter(Patient, "astrid", width=width, scheme=scheme)
    page = reader.page
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.on("requestfailed", lambda request: refused.append(request.url))
    page.goto(f"{reader.base}/api")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert faults(reader) == []
    # Every operation is there, and whatever is folded away opens without a script.
    for item in document()["paths"].values():
        for operation in item.values():
            expect(page.locator(f"[id='{operation['operationId']}']")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_count(1)
    example = page.locator("details").first
    example.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(example.locator("pre")).to_be_visible()
    assert faults(reader) == []
    # The content security policy refused nothing, and nothing was missing.
    assert refused == []
    page.get_by_role("link", name="OpenAPI document").click()
    expect(page).to_have_url(f"{reader.base}/api/v1/openapi.json")
