"""What a cluster consists of."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

#: Names of settings, as in `Settings` ("log_format"), and what they shall be.
Chosen = Mapping[str, object]


@dataclass(frozen=True)
class Plan:
    """How many of each, and with which settings."""

    servers: int = 3
    media: int = 2
    #: Media workers of each media node.
    media_workers: int = 1
    demo: bool = True
    #: The port of haproxy; 0: a free one.
    port: int = 0
    #: Whether what is committed survives a power cut. What is killed needs no disk.
    durable: bool = False
    #: For all servers and media nodes.
    settings: Chosen = field(default_factory=dict)
    #: For one member, by its name ("server-1", "media-2"); before `settings`.
    own: Mapping[str, Chosen] = field(default_factory=dict)
    #: Of PostgreSQL ("max_connections").
    postgres: Mapping[str, object] = field(default_factory=dict)
    #: How the command `vardrum` is run.
    vardrum: tuple[str, ...] = (sys.executable, "-m", "server.main")
