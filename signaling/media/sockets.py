"""The relay's sockets: for each announced address one for UDP, and one that listens for TCP.

All of a kind are on one port number.
"""

import contextlib
import socket
import struct
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from signaling.media.address import announced_and_own
from signaling.media.limits import SOCKET_BUFFER, TCP_BACKLOG
from signaling.media.paths import UdpPort

# Linux; Python's socket module lacks the names. The first two may exceed the system's limit.
_SO_SNDBUFFORCE = 32
_SO_RCVBUFFORCE = 33
_SO_MEMINFO = 55
_MEMINFO = struct.Struct("9I")
_ATTEMPTS = 20


def open_ports(addresses: Sequence[str], number: int) -> list[UdpPort]:
    """UDP sockets on every address, on one port number (0: any that is free on all of them).

    Of `public/own` the socket is on the second and the first is announced.

    Never the wildcard: a reply would leave from an address that the peer did not ask. Raises
    `ValueError` for a wildcard or no address at all, `OSError` when binding fails.
    """
    return [UdpPort(host, sock) for host, sock in _open(addresses, number, _bind)]


def open_listeners(addresses: Sequence[str], number: int) -> list[tuple[str, socket.socket]]:
    """TCP listeners and the address that is announced of each, as `open_ports`."""
    return _open(addresses, number, _listen)


def _open(
    addresses: Sequence[str], number: int, bind: Callable[[str, int], socket.socket]
) -> list[tuple[str, socket.socket]]:
    if not addresses:
        raise ValueError("no address to announce")
    both = [announced_and_own(address) for address in addresses]
    if any(ip_address(host).is_unspecified for pair in both for host in pair):
        raise ValueError("announce real addresses, not the wildcard")
    for attempt in range(_ATTEMPTS):
        opened: list[socket.socket] = []
        try:
            for _, host in both:
                wanted = number or (opened[0].getsockname()[1] if opened else 0)
                opened.append(bind(host, wanted))
        except OSError:
            for sock in opened:
                sock.close()
            # A free port on one address may be taken on the next: try another.
            if number or not opened or attempt == _ATTEMPTS - 1:
                raise
        else:
            return [(host, sock) for (host, _), sock in zip(both, opened, strict=True)]
    raise AssertionError("unreachable")


def _bind(host: str, number: int) -> socket.socket:
    sock = _socket(host, socket.SOCK_DGRAM)
    try:
        widen(sock)
        sock.setblocking(False)
        sock.bind((host, number))
    except OSError:
        sock.close()
        raise
    return sock


def widen(sock: socket.socket) -> None:
    """Ask for `SOCKET_BUFFER` octets each way; the kernel may give less."""
    for forced, plain in (
        (_SO_RCVBUFFORCE, socket.SO_RCVBUF),
        (_SO_SNDBUFFORCE, socket.SO_SNDBUF),
    ):
        try:
            sock.setsockopt(socket.SOL_SOCKET, forced, SOCKET_BUFFER)
        except OSError:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, plain, SOCKET_BUFFER)


def _listen(host: str, number: int) -> socket.socket:
    sock = _socket(host, socket.SOCK_STREAM)
    try:
        # A worker's successor must get the port while connections of the old one linger.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        sock.bind((host, number))
        sock.listen(TCP_BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _socket(host: str, kind: socket.SocketKind) -> socket.socket:
    if ip_address(host).version == 4:
        return socket.socket(socket.AF_INET, kind)
    sock = socket.socket(socket.AF_INET6, kind)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return sock


def dropped(port: UdpPort) -> int:
    """Datagrams that the kernel dropped for want of buffer on this socket; 0 where unknown."""
    try:
        return int(_MEMINFO.unpack(port.sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 36))[8])
    except (OSError, struct.error):
        return 0
