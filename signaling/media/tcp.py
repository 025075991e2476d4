"""The relay's TCP listeners, and how many connections they hold for whom (RFC 6544, passive).

Who has not proved to be a leg's peer gets a short time and a small share: of such connections there
are only so many, from anywhere and from one network, and the oldest makes room for the newest. A
browser proves itself one round trip after it connected.
"""

import asyncio
import errno
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from signaling.media import limits
from signaling.media.paths import Address, Port
from signaling.media.tcp_link import TcpLink

_NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


@dataclass(frozen=True, slots=True)
class TcpPlace:
    """The TCP port to listen on (0: any free one), and the one to announce if that is another."""

    port: int
    announced: int = 0


@dataclass(slots=True)
class TcpCounters:
    """Since the worker started; connections unless said otherwise."""

    tcp_accepted: int = 0
    tcp_refused: int = 0
    tcp_unproved: int = 0
    tcp_crowded_out: int = 0
    tcp_stalled: int = 0
    # Frames that a slow reader was not sent.
    tcp_not_sent: int = 0


class TcpGate:
    """All TCP connections of one worker. `read` takes the frames that wait in one."""

    def __init__(
        self,
        listeners: Sequence[tuple[str, socket.socket]],
        read: Callable[[Port], None],
        clock: Callable[[], float],
        most: int,
    ) -> None:
        self.clock = clock
        self.counters = TcpCounters()
        self.links: set[TcpLink] = set()
        self._listeners = [sock for _, sock in listeners]
        #: As they are announced, and the ports that it listens on.
        self.addresses = [(host, int(sock.getsockname()[1])) for host, sock in listeners]
        self._read = read
        self._most = most
        # In the order that they came, with the network that each came from.
        self._unproved: dict[TcpLink, str] = {}
        self._from: Counter[str] = Counter()

    @property
    def unproved(self) -> int:
        """Connections that nobody has been shown to be behind."""
        return len(self._unproved)

    def start(self) -> None:
        """Begin to accept."""
        for listener in self._listeners:
            asyncio.get_running_loop().add_reader(listener.fileno(), self._accept, listener)

    def stop(self) -> None:
        """Close everything."""
        for listener in self._listeners:
            asyncio.get_running_loop().remove_reader(listener.fileno())
            listener.close()
        self._listeners.clear()
        for link in list(self.links):
            link.close()

    def tick(self, now: float) -> None:
        """Close what took too long: to prove itself, to say anything, to read."""
        for link in [*self._unproved]:
            if link.proved:
                self.proved(link)
            elif now - link.since > limits.TCP_PROOF_WITHIN:
                self.counters.tcp_unproved += 1
                link.close()
        for link in list(self.links):
            blocked = link.blocked_since
            if blocked is not None and now - blocked > limits.TCP_STALLED:
                self.counters.tcp_stalled += 1
                link.close()
            elif now - link.heard() > limits.TCP_SILENT:
                link.close()

    def proved(self, link: TcpLink) -> None:
        """A leg's peer is behind this connection: it no longer counts as a stranger's."""
        origin = self._unproved.pop(link, None)
        if origin is not None:
            self._from[origin] -= 1
            if not self._from[origin]:
                del self._from[origin]

    def gone(self, link: TcpLink) -> None:
        """It is closed."""
        self.links.discard(link)
        self.proved(link)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(limits.TCP_ACCEPTS):
            try:
                sock, address = listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _NO_ROOM:
                    self._rest(listener)
                return
            self._admit(sock, address)

    def _rest(self, listener: socket.socket) -> None:
        """Nothing more can be opened; asking again at once would ask without end."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(listener.fileno())
        loop.call_later(limits.TCP_REST, self._resume, listener)

    def _resume(self, listener: socket.socket) -> None:
        if listener in self._listeners:
            asyncio.get_running_loop().add_reader(listener.fileno(), self._accept, listener)

    def _admit(self, sock: socket.socket, address: Address) -> None:
        self.counters.tcp_accepted += 1
        origin = _network_of(address[0])
        if self._from[origin] >= limits.TCP_UNPROVED_EACH:
            self._crowd_out(next(link for link, own in self._unproved.items() if own == origin))
        elif len(self._unproved) >= limits.TCP_UNPROVED:
            self._crowd_out(next(iter(self._unproved)))
        if len(self.links) >= self._most:
            self.counters.tcp_refused += 1
            sock.close()
            return
        link = TcpLink(sock, address, self, self._read, self.clock())
        self.links.add(link)
        self._unproved[link] = origin
        self._from[origin] += 1

    def _crowd_out(self, link: TcpLink) -> None:
        self.counters.tcp_crowded_out += 1
        link.close()


def _network_of(host: str) -> str:
    """What one customer of a network has: an IPv4 address, or the /64 of an IPv6 address."""
    address = ip_address(host.partition("%")[0])
    if address.version == 4:
        return host
    return str(ip_network((address.packed[:8] + bytes(8), 64)))
