"""Fixtures for browser tests: one product a test, one Chromium, one context a person.

Playwright's synchronous interface keeps its own event loop running in the main thread, so these
tests run in a pytest process of their own (`make e2e`), never beside asyncio tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from .network import Link, Network
from .people import Person
from .product import Product, prepare

P = TypeVar("P", bound=Person)

_CHROMIUM = "/usr/bin/chromium"
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]
_FAKE_DEVICES = "--use-fake-device-for-media-stream"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """The running product with fresh demo people: one for each test, so that none meets another."""
    running = prepare(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Chromium with a made-up camera and microphone; pages still need the permission."""
    browser = playwright.chromium.launch(
        executable_path=_CHROMIUM, args=[*_FLAGS, _FAKE_DEVICES], headless=True
    )
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def bare_chromium(playwright: Playwright) -> Iterator[Browser]:
    """Chromium on a machine that has neither camera nor microphone."""
    browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS, headless=True)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    running = Network()
    yield running
    running.stop()


@pytest.fixture
def enter(
    request: pytest.FixtureRequest, product: Product, chromium: Browser, network: Network
) -> Iterator[Callable[..., Any]]:
    """`enter(Patient, "astrid")` opens a browser context for one person over her own network.

    Keywords: `browser`, `devices` (False: the permission is denied), `locale`, `width`,
    `scheme` ("dark").
    """
    contexts: list[BrowserContext] = []
    links: list[Link] = []

    def open_for(
        role: type[P],
        username: str,
        *,
        browser: Browser | None = None,
        devices: bool = True,
        locale: str = "sv-SE",
        width: int = 1280,
        scheme: str = "light",
    ) -> P:
        link = network.link(product.web, product.media)
        links.append(link)
        context = (browser or chromium).new_context(
            viewport={"width": width, "height": 900 if width > 600 else 844},
            locale=locale,
            color_scheme="dark" if scheme == "dark" else "light",
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        if devices:
            origin = f"http://{role.host}:{link.web_port}"
            context.grant_permissions(["camera", "microphone"], origin=origin)
        context.add_init_script(_through_proxy(link))
        return role(username, context, link)

    yield open_for
    failed = getattr(request.node, "failed_call", False)
    for number, context in enumerate(contexts):
        for page in context.pages:
            if failed:
                name = re.sub(r"\W+", "-", request.node.name)
                folder = Path("build/e2e")
                folder.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=folder / f"{name}-{number}.png", timeout=5_000)
        context.close()
    for link in links:
        link.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember on the item that its call failed, so that the screens can be kept."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.when == "call" and report.failed:
        item.failed_call = True  # type: ignore[attr-defined]


def _through_proxy(link: Link) -> str:
    """Sends the page's media through the person's own link instead of straight to the worker."""
    host, port = link.media_origin
    return f"""
      const real = RTCPeerConnection.prototype.setRemoteDescription;
      RTCPeerConnection.prototype.setRemoteDescription = function (description) {{
        const sdp = description.sdp.replaceAll(' {host} {port} ', ' {host} {link.media_port} ');
        return real.call(this, {{ type: description.type, sdp }});
      }};
      const Peer = RTCPeerConnection;
      window.__peers = [];
      window.RTCPeerConnection = class extends Peer {{
        constructor(...settings) {{ super(...settings); window.__peers.push(this); }}
      }};
    """
