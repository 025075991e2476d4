"""Where to listen, and how that is called."""

import socket
from collections.abc import Iterable
from ipaddress import ip_address

from server.kit.edge import PATIENT_NAME, STAFF_NAME
from server.kit.settings import Settings
from server.main.refusal import RefusalError
from signaling.media.address import default_addresses

LOOPBACK = "127.0.0.1"
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104  (compared with, not bound)
NAMES = (PATIENT_NAME, STAFF_NAME)


def is_private(address: str) -> bool:
    """Whether only this machine or its own network reaches the address."""
    parsed = ip_address(address)
    return parsed.is_loopback or parsed.is_private or parsed.is_link_local


def lan_addresses() -> list[str]:
    """This machine's addresses in networks that the internet can't reach, IPv4 first."""
    found = [each for each in default_addresses() if is_private(each)]
    return sorted(
        (each for each in found if not ip_address(each).is_loopback), key=lambda a: ":" in a
    )


def listening_on(settings: Settings, *, local_tls: bool) -> list[str]:
    """The addresses to bind.

    With a local certificate and no host of its own choosing: loopback and the local network, one by
    one, so that nothing else is exposed.
    """
    if local_tls and "host" not in settings.model_fields_set:
        return [LOOPBACK, *lan_addresses()]
    return [settings.host]


def refuse_public_demo(settings: Settings, hosts: Iterable[str]) -> None:
    """A demo's passwords are on its start page: it stays at home unless somebody insists."""
    if not settings.demo or settings.allow_public_demo:
        return
    for host in hosts:
        for address in _reached_by(host):
            if not is_private(address):
                raise RefusalError(
                    f"The demo would listen on {address}, which the internet may reach, and its "
                    "passwords are public. Set VARDRUM_HOST to a private address, or set "
                    "VARDRUM_ALLOW_PUBLIC_DEMO=1 if that is what you want."
                )


def refuse_unusable_media(settings: Settings) -> None:
    """Media is announced to browsers as it stands here: only this machine's own addresses will do.

    Behind NAT another is announced, and beside it stands the one of this machine that it leads to.

    Raises `RefusalError` with what is wrong with the first that won't.
    """
    seen: set[str] = set()
    for chosen in settings.media_address:
        announced, _, own = chosen.partition("/")
        fault = _media_fault(announced)
        if fault is None:
            fault = _nat_fault(announced, own) if "/" in chosen else _own_fault(announced)
        # One socket each, and browsers want no candidate twice.
        named = {str(ip_address(each)) for each in (announced, own) if each} if not fault else set()
        if named & seen:
            fault = "stands there twice"
        if fault is not None:
            raise RefusalError(
                f"VARDRUM_MEDIA_ADDRESS: {chosen} {fault}. Name addresses of this machine, with "
                "commas between, as `ip address` shows them (behind NAT with the public one before "
                "it, as 203.0.113.7/10.0.0.5); or none, for those it finds itself."
            )
        seen |= named


def _media_fault(chosen: str) -> str | None:
    """Why browsers can't be told to send here, or None."""
    try:
        address = ip_address(chosen)
    except ValueError:
        return "is no IP address"
    if address.is_unspecified:
        return "stands for every address, and an answer might leave from another"
    if address.is_multicast or chosen == "255.255.255.255":
        return "is nobody's own"
    if address.version == 6 and (address.is_link_local or address.scope_id is not None):
        return "means nothing without its interface, which a browser can't be told"
    if address.version == 6 and address.ipv4_mapped is not None:
        return f"is {address.ipv4_mapped} in disguise: write that"
    return None


def _nat_fault(announced: str, own: str) -> str | None:
    """Why what is sent to the first can't come to the second, or None."""
    fault = _media_fault(own) or _own_fault(own)
    if fault is not None:
        return f"says that {own or 'nothing'} is its own, which {fault}"
    if ip_address(announced).version != ip_address(own).version:
        return "is of two families, and no NAT leads from one to the other"
    return None


def _own_fault(chosen: str) -> str | None:
    """Why it is not of this machine, or None."""
    family = socket.AF_INET6 if ip_address(chosen).version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((chosen, 0))
    except OSError as error:
        return f"is no address of this machine ({error.strerror})"
    return None


def _reached_by(host: str) -> list[str]:
    if host in WILDCARDS:
        return default_addresses()
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise RefusalError(
            f"VARDRUM_HOST={host} is no address of this machine. Use 127.0.0.1, or one that "
            "`ip address` shows."
        ) from None
    return [str(each[4][0]).partition("%")[0] for each in found]


def urls(hosts: Iterable[str], port: int, *, tls: bool) -> tuple[list[str], list[str]]:
    """What to type: on this machine (patients, staff), and from elsewhere on the network."""
    scheme = "https" if tls else "http"
    here = [f"{scheme}://{name}:{port}" for name in NAMES]
    away: list[str] = []
    for host in hosts:
        reached = lan_addresses() if host in WILDCARDS else [host]
        away += [each for each in reached if not is_here(each)]
    shown = [f"[{each}]" if ":" in each else each for each in away]
    return here, [f"{scheme}://{each}:{port}" for each in shown]


def is_here(host: str) -> bool:
    """Whether only this machine reaches the host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
