"""What chaos is made in: the product in one of its shapes, all of it on loopback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from infra.cluster import Member
from server.kit.settings import Settings
from tests.chaos.clock import Shift
from tests.chaos.schedule import Kind


class Arm(Protocol):
    """A running product. Everything of it was started by itself."""

    name: str
    members: Mapping[str, Member]
    shift: Shift
    #: Where robots go, unless through a proxy.
    port: int

    @property
    def targets(self) -> Mapping[Kind, Sequence[str]]:
        """What may be done to whom."""

    @property
    def settings(self) -> Settings:
        """With which the database is found."""

    def workers(self, name: str) -> list[int]:
        """The process ids of a member's media workers."""
