"""Servers and media nodes of a cluster: `vardrum serve` and `vardrum media`."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.cluster.member import Member
from infra.cluster.plan import Plan
from infra.cluster.ports import LOOPBACK, Ports

# A media node moves its calls away before it ends, which takes 30 s at most.
NODE_STOPS_WITHIN = 40.0


@dataclass(frozen=True)
class Shared:
    """What all of them must agree about."""

    database_url: str
    redis_url: str
    media_token: str


def _environment(settings: Mapping[str, object]) -> dict[str, str]:
    texts = {f"VARDRUM_{name.upper()}": str(value) for name, value in settings.items()}
    return {**texts, "PYTHONUNBUFFERED": "1"}


def server(name: str, folder: Path, plan: Plan, ports: Ports, shared: Shared) -> Member:
    """One of the equal servers."""
    port, metrics_port = ports.free(), ports.free()
    settings: dict[str, object] = {
        "host": LOOPBACK,
        "port": port,
        "metrics_port": metrics_port,
        "data": folder / name,
        "database_url": shared.database_url,
        "redis_url": shared.redis_url,
        "media_nodes": 1,
        "media_token": shared.media_token,
        "trusted_proxies": f"{LOOPBACK}/32",
        "log_format": "json",
        "demo": int(plan.demo),
        **plan.settings,
        **plan.own.get(name, {}),
    }
    return Member(
        name, (*plan.vardrum, "serve"), folder / f"{name}.log", _is_ready,
        environment=_environment(settings), port=port, metrics_port=metrics_port,
    )  # fmt: skip


def media(name: str, folder: Path, plan: Plan, ports: Ports, shared: Shared) -> Member:
    """A media node, with workers of its own."""
    port = ports.free()
    settings: dict[str, object] = {
        "media_control": f"tcp://{LOOPBACK}:{port}",
        "media_port": ports.free(socket.SOCK_DGRAM, plan.media_workers),
        "media_workers": plan.media_workers,
        "media_token": shared.media_token,
        "database_url": shared.database_url,
        "data": folder / name,
        "log_format": "json",
        **plan.settings,
        **plan.own.get(name, {}),
    }
    return Member(
        name, (*plan.vardrum, "media"), folder / f"{name}.log",
        lambda member: "Ctrl-C ends it" in member.said,
        environment=_environment(settings), port=port, stop_within=NODE_STOPS_WITHIN,
    )  # fmt: skip


def _is_ready(member: Member) -> bool:
    try:
        url = f"http://{LOOPBACK}:{member.port}/health/ready"
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
