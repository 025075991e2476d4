"""haproxy of a cluster: what `infra/haproxy/haproxy.cfg` says, in front of these servers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from infra.cluster.member import ROOT, Member
from infra.cluster.ports import LOOPBACK, answers
from infra.cluster.programs import program

CONFIGURATION = ROOT / "infra/haproxy/haproxy.cfg"
# Of a machine that is haproxy's own: its user and its limits, TLS on the ports of the web.
_ELSEWHERE = re.compile(
    r"^ +(user|group|maxconn|ssl-default-\S+|bind :443|http-request redirect scheme) .*\n",
    re.MULTILINE,
)
_SERVERS = re.compile(r"(^ +server \S+ \S+ check\n)+", re.MULTILINE)


def configuration(port: int, servers: Sequence[Member]) -> str:
    """The configuration that operators are given, for this port and these servers."""
    lines = "".join(f"    server {each.name} {LOOPBACK}:{each.port} check\n" for each in servers)
    text = _ELSEWHERE.sub("", CONFIGURATION.read_text())
    text, found = _SERVERS.subn(lines, text)
    if found != 2 or text.count("    bind :80\n") != 1:
        raise RuntimeError(f"{CONFIGURATION} is not of the form that a cluster can be made of")
    return text.replace("    bind :80\n", f"    bind {LOOPBACK}:{port}\n")


def haproxy(folder: Path, port: int, servers: Sequence[Member]) -> Member:
    """The only door from outside."""
    written = folder / "haproxy.cfg"
    written.write_text(configuration(port, servers))
    return Member(
        "haproxy",
        [program("haproxy", "haproxy"), "-db", "-f", str(written)],
        folder / "haproxy.log",
        lambda member: answers(member.port),
        # At once; SIGUSR1 would wait for every socket to end by itself.
        port=port,
    )
