"""Where a media worker listens."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Place:
    """The addresses, and the ports on them. 0 is any that is free; no TCP when that is None.

    `tcp_announced` is what browsers are told instead of `tcp_port`, when a proxy stands before it.
    """

    addresses: Sequence[str]
    port: int = 0
    tcp_port: int | None = None
    tcp_announced: int = 0

    def of(self, number: int) -> "Place":
        """That of the worker with this number: each has ports of its own, one after the other.

        One socket for all would spread a peer's packets over them.
        """
        return replace(
            self,
            port=self.port and self.port + number,
            tcp_port=self.tcp_port and self.tcp_port + number,
            tcp_announced=self.tcp_announced and self.tcp_announced + number,
        )

    def arguments(self) -> list[str]:
        """As the worker takes them on its command line."""
        found = [word for address in self.addresses for word in ("--address", address)]
        found += ["--port", str(self.port)]
        if self.tcp_port is not None:
            found += ["--tcp-port", str(self.tcp_port)]
            found += ["--tcp-announced", str(self.tcp_announced)]
        return found
