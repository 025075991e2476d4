"""Which addresses are announced, and which of this machine's own they lead to."""

import socket

# Documentation addresses (RFC 5737, RFC 3849). Connecting a UDP socket sends nothing: it only
# asks the kernel which of its own addresses would be used towards the outside.
_OUTSIDE = (
    (socket.AF_INET, "203.0.113.1"),
    (socket.AF_INET6, "2001:db8::1"),
)
_LOOPBACK = "127.0.0.1"


def announced_and_own(address: str) -> tuple[str, str]:
    """Of `public/own`, for a machine behind NAT, both; of any other address itself, twice.

    What is behind NAT does not know under which address it is reached, and can't bind that one. The
    NAT must lead each port to the same port (RFC 4787 calls it a static one-to-one mapping).
    """
    announced, _, own = address.partition("/")
    return announced, own or announced


def default_addresses() -> list[str]:
    """The machine's own IPv4 and IPv6 address towards the outside, then loopback.

    A phone on the same network needs the outside address, and so does Firefox on this machine: it
    never sends to loopback. Chromium does, from whatever interface it has (on a machine that has
    none it needs `--allow-loopback-in-peer-connection`), and loopback still works after this
    machine has changed its network.
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
