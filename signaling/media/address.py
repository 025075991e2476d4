"""Which addresses to announce when the operator names none."""

import socket

# Documentation addresses (RFC 5737, RFC 3849). Connecting a UDP socket sends nothing: it only
# asks the kernel which of its own addresses would be used towards the outside.
_OUTSIDE = (
    (socket.AF_INET, "203.0.113.1"),
    (socket.AF_INET6, "2001:db8::1"),
)
_LOOPBACK = "127.0.0.1"


def default_addresses() -> list[str]:
    """The machine's own IPv4 and IPv6 address towards the outside, then loopback.

    Chromium reaches a candidate of 127.0.0.1 from any other interface, and needs its flag
    `--allow-loopback-in-peer-connection` only on a machine that has no other; a phone on the same
    network needs the outside address. Loopback alone would do for a browser on this machine, and
    it still works after the machine has changed its network.
    """
    found = (_own_address(family, host) for family, host in _OUTSIDE)
    return [*(address for address in found if address is not None), _LOOPBACK]


def _own_address(family: socket.AddressFamily, host: str) -> str | None:
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((host, 9))
        except OSError:  # no route: the machine has no such network
            return None
        own = str(sock.getsockname()[0])
    # A link-local address means nothing without its interface.
    return None if own.startswith(("127.", "169.254.", "fe80")) or own == "::1" else own
