"""The whole examination."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from server.kit.settings import Settings
from server.main.doctor import bus, certificates, choices, machine, network, storage
from server.main.doctor.finding import Finding, fail


def examine(
    settings: Settings, environ: Mapping[str, str], now: datetime, *, quick: bool
) -> list[Finding]:
    """Look at everything, whatever fails on the way. Changes nothing. Blocks.

    ``quick``: without reading the whole database.
    """
    parts: dict[str, Callable[[], Iterator[Finding]]] = {
        "settings": lambda: choices.examine(settings, environ),
        "database": lambda: storage.examine(settings, quick=quick),
        "redis": lambda: bus.examine(settings),
        "machine": lambda: machine.examine(settings),
        "network": lambda: network.examine(settings),
        "certificate": lambda: certificates.examine(settings, now),
    }
    return [finding for name, look in parts.items() for finding in _one(name, look)]


def _one(name: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """A part of it. What can't even be looked at is a finding too, and hides none of the rest."""
    try:
        yield from look()
    except Exception as error:
        said = getattr(error, "strerror", None) or type(error).__name__
        yield fail(
            name,
            f"It can't be looked at ({said}).",
            "Run this as the user that the server runs as; if it stays, it is a fault of ours.",
        )
