"""What all servers share of the media nodes: which there are, and which of them holds a visit."""

from collections.abc import Sequence
from typing import Protocol


class NodeSeen(Protocol):
    """A node, as the directory tells of it; `address` is `host:port`."""

    @property
    def id(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def legs(self) -> int: ...
    @property
    def capacity(self) -> int: ...
    @property
    def draining(self) -> bool: ...


class Placed(Protocol):
    """Where a visit is, and whether it was put there just now."""

    @property
    def node_id(self) -> str: ...
    @property
    def fresh(self) -> bool: ...


class Directory(Protocol):
    """What all servers share: which nodes there are, and which of them holds a visit."""

    async def alive(self) -> Sequence[NodeSeen]:
        """The nodes that were heard of lately."""
        ...

    async def place(self, visit_id: str, usable: Sequence[str], full: str | None) -> Placed:
        """Where a visit is; if nowhere, or where it can't stay, the first of `usable`."""
        ...
