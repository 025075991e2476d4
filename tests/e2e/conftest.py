"""Fixtures for browser tests: one product a test, one context a person, in every browser.

Playwright's synchronous interface keeps its own event loop running in the main thread, so these
tests run in pytest processes of their own (`make e2e`), never beside asyncio tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import BrowserContext, Playwright, expect, sync_playwright

from . import browsers as kinds
from .browsers import Browsers, Devices, Kind, Scheme
from .evidence import keep_log, keep_screens
from .network import Link, Network
from .people import Person
from .product import Product, started

P = TypeVar("P", bound=Person)

#: How long whatever is not a picture may take, in milliseconds: three products and six browsers
#: share the machine, and a page that gets no time is no fault.
_STEP = 30_000
expect.set_options(timeout=_STEP)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make each journey once for each browser that can do what it needs."""
    if "kind" not in metafunc.fixturenames:
        return
    needed = {mark.args[0] for mark in metafunc.definition.iter_markers("needs")}
    known = {what for lacks in kinds.LACKS.values() for what in lacks}
    if not needed <= known:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: no browser lacks {needed - known}")
    once = metafunc.definition.get_closest_marker("once") is not None
    metafunc.parametrize("kind", kinds.able(needed, once=once))


@pytest.fixture
def kind() -> Kind:
    """The browser that everybody in a test uses, unless `enter` is told another."""
    raise AssertionError("pytest_generate_tests gives it")


@pytest.fixture
def media_addresses() -> tuple[str, ...]:
    """Where the product takes media; a test may parametrize it."""
    return ("127.0.0.1",)


@pytest.fixture
def media_workers() -> int:
    """How many processes forward media; a test may parametrize it."""
    return 1


@pytest.fixture
def product_settings() -> dict[str, str]:
    """Further settings of the product, by variable; a test may override it."""
    return {}


@pytest.fixture
def web_host() -> str:
    """Where the product serves pages; a test may parametrize it."""
    return "127.0.0.1"


@pytest.fixture
def product(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    web_host: str,
    media_addresses: tuple[str, ...],
    media_workers: int,
    product_settings: dict[str, str],
) -> Iterator[Product]:
    """The running product with fresh demo people: one for each test, so that none meets another."""
    running = started(tmp_path, web_host, media_addresses, media_workers, **product_settings)
    yield running
    running.stop()
    if failed(request):
        keep_log(request.node.name, running.log)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def launched(playwright: Playwright) -> Iterator[Browsers]:
    with kinds.running(playwright) as browsers:
        yield browsers


@pytest.fixture
def browsers(launched: Browsers) -> Iterator[Browsers]:
    """Every kind of browser, each launched once for the whole run; what is rare goes home."""
    yield launched
    launched.close_variants()


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    running = Network()
    yield running
    running.stop()


@pytest.fixture
def enter(
    request: pytest.FixtureRequest,
    product: Product,
    kind: Kind,
    browsers: Browsers,
    network: Network,
) -> Iterator[Callable[..., Any]]:
    """`enter(Patient, "astrid")` opens a browser context for one person over her own network.

    Keywords: `browser` ("chromium", "firefox"), `devices` (what the browser finds: "allowed",
    "denied", "absent", "unasked"), `locale`, `width`, `scheme` ("dark").
    """
    contexts: list[BrowserContext] = []
    links: list[Link] = []

    def open_for(
        role: type[P],
        username: str,
        *,
        browser: Kind = kind,
        devices: Devices = "allowed",
        locale: str = "sv-SE",
        width: int = 1280,
        scheme: Scheme = "light",
    ) -> P:
        link = network.link(product.web, *product.media, tcp=product.media_tcp)
        links.append(link)
        context = browsers.get(browser, devices, scheme).new_context(
            viewport={"width": width, "height": 900 if width > 600 else 844},
            locale=locale,
            color_scheme=scheme,
        )
        contexts.append(context)
        context.set_default_timeout(_STEP)
        if browser == "firefox":
            context.add_init_script(kinds.FIREFOX_TYPES)
        elif devices in ("allowed", "absent"):
            context.grant_permissions(["camera", "microphone"], origin=role.origin(link))
        context.add_init_script(
            kinds.MADE_UP_DEVICES if devices == "unasked" else kinds.SMALL_PICTURES
        )
        context.add_init_script(_through_proxy(link))
        return role(username, context, link)

    yield open_for
    if failed(request):
        keep_screens(request.node.name, contexts)
    for context in contexts:
        context.close()
    for link in links:
        link.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember on the item that its call failed, so that what was seen can be kept."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.when == "call" and report.failed:
        item.failed_call = True  # type: ignore[attr-defined]


def failed(request: pytest.FixtureRequest) -> bool:
    """Whether the test that this fixture serves failed."""
    return getattr(request.node, "failed_call", False)


def _through_proxy(link: Link) -> str:
    """Sends the page's media through the person's own link instead of straight to the worker."""
    instead = "".join(
        f".replaceAll(' {host} {port} ', ' {host} {own} ')"
        for (host, port), own in link.media_ports.items()
    )
    return f"""
      const real = RTCPeerConnection.prototype.setRemoteDescription;
      RTCPeerConnection.prototype.setRemoteDescription = function (description) {{
        const sdp = description.sdp{instead};
        return real.call(this, {{ type: description.type, sdp }});
      }};
      const Peer = RTCPeerConnection;
      window.__peers = [];
      window.RTCPeerConnection = class extends Peer {{
        constructor(...settings) {{ super(...settings); window.__peers.push(this); }}
      }};
    """
