"""Fixtures for browser tests: one product a test, one context a person, in every browser.

Playwright's synchronous interface keeps its own event loop running in the main thread, so these
tests run in pytest processes of their own (`make e2e`), never beside asyncio tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from . import browsers as kinds
from .browsers import Browsers, Kind
from .door import STEP, Door
from .evidence import keep_log, keep_screens
from .network import Network
from .product import Product, started

expect.set_options(timeout=STEP)


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
) -> Iterator[Door]:
    """`enter(Patient, "astrid")` opens a browser context for one person: see `Door`."""
    door = Door(product, browsers, network, kind)
    yield door
    if failed(request):
        keep_screens(request.node.name, door.contexts)
    door.close()


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
