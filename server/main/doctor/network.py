"""Ports: free to be taken, or taken by the server that runs; and whom it needs elsewhere."""

import errno
import http.client
import json
import os
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Any

from server.kit.settings import Settings
from server.main import addresses
from server.main.doctor.finding import Finding, fail, ok, warn
from server.main.refusal import RefusalError
from signaling.media.address import announced_and_own, default_addresses

# Seconds for a server on this machine or a TURN server to answer.
PATIENCE = 5.0
_TURN = re.compile(r"(turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(udp|tcp))?")


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at every port that the settings name."""
    runs, finding = _http(settings)
    yield finding
    if settings.metrics_port > 0:
        taken = _taken(addresses.LOOPBACK, settings.metrics_port, socket.SOCK_STREAM)
        if taken and not runs and "metrics_port" not in settings.model_fields_set:
            yield warn(
                "metrics",
                f"TCP port {settings.metrics_port} on {addresses.LOOPBACK} is taken: `/metrics` "
                "will be on another, which the server tells when it starts.",
                "Choose one with VARDRUM_METRICS_PORT, so that Prometheus finds it.",
            )
        else:
            yield _judge(
                "metrics", "TCP", addresses.LOOPBACK, settings.metrics_port, taken, runs=runs
            )
    if settings.control_place is not None:
        host, port = settings.control_place
        # Who serves it is `vardrum media`, of which we know nothing here.
        taken = _taken(host, port, socket.SOCK_STREAM)
        yield _judge("media", "TCP", host, port, taken, runs=taken == errno.EADDRINUSE)
    if not settings.media_nodes:
        yield from _media(settings, runs=runs)
    for url in settings.turn_urls:
        yield _turn(url)


def _http(settings: Settings) -> tuple[bool, Finding]:
    host, port = settings.host, settings.port
    taken = _taken(host, port, socket.SOCK_STREAM)
    if taken != errno.EADDRINUSE:
        return False, _judge("port", "TCP", host, port, taken, runs=False)
    told = _readiness(settings)
    if told is None:
        return False, _judge("port", "TCP", host, port, taken, runs=False)
    where = f"{host} port {port}"
    wrong = [f"{name} is {state}" for name, state in told["checks"].items() if state != "ok"]
    if wrong:
        return True, fail(
            "server",
            f"The server at {where} answers, but {' and '.join(wrong)}.",
            "Its log says why; docs/operations.md says what to do about each.",
        )
    return True, ok("server", f"The server at {where} answers and is ready.")


def _readiness(settings: Settings) -> dict[str, Any] | None:
    """What a Vårdrum that listens there says of itself; None: somebody else does."""
    host = addresses.LOOPBACK if settings.host in addresses.WILDCARDS else settings.host
    connection: http.client.HTTPConnection
    if settings.tls:
        context = ssl.create_default_context()
        # Ourselves, under whatever name: whether the name is right is looked at elsewhere.
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(
            host, settings.port, timeout=PATIENCE, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, settings.port, timeout=PATIENCE)
    try:
        connection.request("GET", "/health/ready")
        told = json.loads(connection.getresponse().read(65536))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    ours = isinstance(told, dict) and isinstance(told.get("checks"), dict)
    return told if ours and "accepting" in told["checks"] else None


def _media(settings: Settings, *, runs: bool) -> Iterator[Finding]:
    try:
        addresses.refuse_unusable_media(settings)
    except RefusalError as refusal:
        yield fail("media", str(refusal), "Until then the server will not start.")
        return
    pairs = [announced_and_own(each) for each in settings.media_address or default_addresses()]
    workers = settings.media_workers or os.cpu_count() or 1
    kinds = [("UDP", socket.SOCK_DGRAM, settings.media_port)]
    if settings.media_tcp_port:
        kinds.append(("TCP", socket.SOCK_STREAM, settings.media_tcp_port))
    for name, kind, first in kinds:
        for port in range(first, first + workers) if first else ():
            for _, host in pairs:
                yield _judge("media", name, host, port, _taken(host, port, kind), runs=runs)
    if settings.public_url:
        yield from judge_media(settings, [announced for announced, _ in pairs])


def judge_media(settings: Settings, announced: list[str]) -> Iterator[Finding]:
    """Whether browsers elsewhere can reach the media, as far as it is seen from here."""
    if settings.media_port == 0:
        yield warn(
            "media",
            "Media takes any free UDP port: no firewall can be opened for it.",
            "Set VARDRUM_MEDIA_PORT, and open it (docs/firewalls.md).",
        )
    if all(addresses.is_private(each) for each in announced):
        yield warn(
            "media",
            f"Media is announced at {', '.join(announced)} alone, which the internet can't reach.",
            "Give this machine a public address and name it in VARDRUM_MEDIA_ADDRESS (behind NAT "
            "with the machine's own, as 203.0.113.7/10.0.0.5); or all patients must be on this "
            "network, or come by a TURN server.",
        )


def _judge(
    check: str, name: str, host: str, port: int, taken: int | None, *, runs: bool
) -> Finding:
    """``taken``: what kept us from the port (errno); ``runs``: a server of ours may have it."""
    where = f"{name} port {port} on {host}"
    if taken is None:
        return ok(check, f"{where} is free.")
    if taken == errno.EADDRINUSE:
        if runs:
            return ok(check, f"{where} is in use, by the server that runs.")
        return fail(
            check,
            f"{where} is taken by another program.",
            "`ss -tulpn` shows by which. Stop it, or choose another port.",
        )
    if taken in (errno.EACCES, errno.EPERM):
        return fail(
            check,
            f"This user may not listen on {where}.",
            "Below 1024: AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit, or a proxy there.",
        )
    return fail(
        check, f"Nobody can listen on {where} ({os.strerror(taken)}).", "Choose another address."
    )


def _taken(host: str, port: int, kind: socket.SocketKind) -> int | None:
    """Why the port can't be had, as an errno; None: it can. Nothing is sent."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=kind)[0]
        with socket.socket(family, kind) as probe:
            if kind is socket.SOCK_STREAM:
                # As servers do: what lingers of a former one is in nobody's way.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            if kind is socket.SOCK_STREAM:
                probe.listen(1)
    except socket.gaierror:
        return errno.EADDRNOTAVAIL
    except OSError as error:
        return error.errno
    return None


def _turn(url: str) -> Finding:
    found = _TURN.fullmatch(url)
    if found is None:
        raise AssertionError("the settings let nothing else through")
    scheme, host, port, transport = found.groups()
    number = int(port or (5349 if scheme == "turns" else 3478))
    try:
        socket.getaddrinfo(host.strip("[]"), number, type=socket.SOCK_STREAM)
    except OSError:
        return fail("turn", f"{url}: nobody knows the name {host}.", "Correct VARDRUM_TURN_URLS.")
    if scheme == "turn" and transport != "tcp":
        return ok("turn", f"{url}: the name is known (over UDP no more is seen from here).")
    try:
        socket.create_connection((host.strip("[]"), number), timeout=PATIENCE).close()
    except OSError as error:
        return warn(
            "turn",
            f"{url} does not answer ({error.strerror or 'in time'}).",
            "Start it, or open the way: who has no UDP gets no video otherwise.",
        )
    return ok("turn", f"{url} answers.")
