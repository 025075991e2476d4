"""haproxy, compose and the image: what they name exists, fits together, and holds no secret."""

from __future__ import annotations

import importlib
import re
import subprocess
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from infra.cluster.entrance import CONFIGURATION, configuration
from infra.cluster.member import Member
from infra.cluster.programs import program
from server.kit.clock import utc_now
from server.kit.settings import PREFIX, Settings
from server.main.cli import parser
from server.main.local_certificate import local_certificate
from tests.cluster.environment import checked

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "infra"
# By another test's dependency; it has no types of its own.
yaml: Any = importlib.import_module("yaml")

# Of the compose specification, what we use: a word that is none of these is misspelt.
_SERVICE = {
    "image", "build", "user", "read_only", "tmpfs", "cap_drop", "security_opt", "restart",
    "depends_on", "command", "environment", "stop_grace_period", "healthcheck", "volumes",
    "networks", "ports",
}  # fmt: skip
_HEALTH = {"test", "interval", "timeout", "retries", "start_period"}
# What an operator says in `.env`.
_SAID = {
    "VARDRUM_PUBLIC_URL": "https://vard.example.se",
    "VARDRUM_PUBLIC_ADDRESS": "203.0.113.7",
    "VARDRUM_TLS_PEM": "/etc/ssl/vardrum.pem",
    "VARDRUM_DB_PASSWORD": "0a" * 32,
    "VARDRUM_MEDIA_TOKEN": "1b" * 32,
}


def haproxy_says(text: str, folder: Path) -> str:
    """What `haproxy -c` has to complain of."""
    written = folder / "haproxy.cfg"
    written.write_text(text)
    done = subprocess.run(
        [program("haproxy", "haproxy"), "-c", "-f", str(written)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 and "WARNING" not in done.stderr else done.stderr


def test_haproxy_has_nothing_to_say(tmp_path: Path) -> None:
    certificate, key = local_certificate(tmp_path, ["127.0.0.1"], utc_now())
    pem = tmp_path / "vardrum.pem"
    pem.write_text(certificate.read_text() + key.read_text())
    text = CONFIGURATION.read_text()
    assert text.count("/etc/haproxy/vardrum.pem") == 1
    here = text.replace("/etc/haproxy/vardrum.pem", str(pem))
    # Its user, which is made with the package, need not be here.
    here = re.sub(r"^    (user|group) haproxy\n", "", here, flags=re.MULTILINE)
    assert haproxy_says(here, tmp_path) == ""
    assert "unknown keyword" in haproxy_says(here.replace("retries 3", "retris 3"), tmp_path)


def test_haproxy_of_a_cluster_is_the_same(tmp_path: Path) -> None:
    servers = [
        Member(f"server-{n}", [], tmp_path / "log", lambda _: True, port=9000 + n) for n in (1, 2)
    ]
    made = configuration(9000, servers)
    assert haproxy_says(made, tmp_path) == ""
    assert made.count("server server-2 127.0.0.1:9002 check") == 2
    assert "10.83." not in made
    # What decides how people fare is the operator's own.
    policy = (
        "balance ",
        "retry-on ",
        "option redispatch",
        "http-request ",
        "timeout ",
        "http-check",
    )
    wanted = [
        line
        for line in CONFIGURATION.read_text().splitlines()
        if line.strip().startswith(policy) and "redirect scheme" not in line
    ]
    assert len(wanted) > 15
    assert [line for line in made.splitlines() if line.strip().startswith(policy)] == wanted


def compose() -> dict[str, Any]:
    """The file, with what is asked for filled in; anything else that is asked for is an error."""
    text = re.sub(
        r"\$\{(\w+):\?\}", lambda match: _SAID[match[1]], (INFRA / "compose.yaml").read_text()
    )
    assert "${" not in text
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def test_compose_says_what_compose_and_we_know() -> None:
    read = compose()
    assert set(read) - {each for each in read if each.startswith("x-")} == {
        "name", "services", "networks", "volumes",
    }  # fmt: skip
    for name, service in read["services"].items():
        assert set(service) - _SERVICE == set(), name
        assert set(service["healthcheck"]) - _HEALTH == set(), name
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["restart"] == "always"
        for needed, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert needed in read["services"]
        if name != "postgres":
            assert service["read_only"] is True, name
            assert service["security_opt"] == ["no-new-privileges:true"], name
        for network in service["networks"]:
            assert network in read["networks"]
    members = {re.sub(r"-\d", "", name) for name in read["services"]}
    assert members == {"postgres", "redis", "haproxy", "server", "media"}
    assert [len([n for n in read["services"] if n.startswith(k)]) for k in ("server", "media")] == [
        3, 2,
    ]  # fmt: skip


def test_what_compose_starts_would_start(monkeypatch: pytest.MonkeyPatch) -> None:
    read = compose()
    network = ip_network(read["networks"]["inside"]["ipam"]["config"][0]["subnet"])
    address: dict[str, str] = {}
    for name, service in read["services"].items():
        at = service["networks"]["inside"].get("ipv4_address")
        if at is not None:
            assert ip_address(at) in network
            address[name] = at
    assert len(set(address.values())) == len(address)
    proxied = dict(re.findall(r"server (server-\d) ([\d.]+):8080 check", CONFIGURATION.read_text()))
    assert proxied == {name: at for name, at in address.items() if name.startswith("server")}
    published: set[str] = set()
    for name, service in read["services"].items():
        if not name.startswith(("server", "media")):
            continue
        settings = checked(service["environment"], monkeypatch)
        assert parser().parse_args(service["command"]).command
        assert service["user"] == "10001:10001"
        assert service["cap_drop"] == ["ALL"]
        assert settings.postgres is not None
        assert settings.postgres.host == "postgres"
        if name.startswith("server"):
            assert settings.trusted_proxies == (f"{address['haproxy']}/32",)
            assert (settings.port, settings.media_nodes) == (8080, True)
        else:
            assert settings.control_place == (address[name], 9470)
            assert settings.media_address == (f"203.0.113.7/{address[name]}",)
            assert service["ports"] == [f"{settings.media_port}:{settings.media_port}/udp"]
            published.update(service["ports"])
    assert len(published) == 2


def test_no_secret_stands_in_a_file() -> None:
    """What is secret by the settings is asked for, or comes from a Secret."""
    secret = [
        f"{PREFIX}{name.upper()}"
        for name, field in Settings.model_fields.items()
        if field.annotation is SecretStr
    ]
    assert len(secret) >= 4
    files = [INFRA / "compose.yaml", INFRA / "Dockerfile", *(INFRA / "kubernetes").iterdir()]
    for path in files:
        for line in path.read_text().splitlines():
            for name in secret:
                said = re.search(rf"{name}: *(\S.*)", line)
                if said and not line.lstrip().startswith("#"):
                    # A Redis inside has none to tell; the others are asked for.
                    assert "${VARDRUM_" in said[1] or said[1] == "redis://redis:6379", (path, line)


def test_the_image_is_what_the_others_start() -> None:
    text = (INFRA / "Dockerfile").read_text()
    assert re.findall(r"^USER (.*)$", text, re.MULTILINE) == ["10001:10001"]
    assert re.findall(r"^ENTRYPOINT (.*)$", text, re.MULTILINE) == [
        '["python", "-m", "server.main"]'
    ]
    assert not re.search(r"^ARG", text, re.MULTILINE)
    for sources in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
    for name in re.findall(rf"{PREFIX}(\w+)=", text):
        assert name.lower() in Settings.model_fields
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", "data", "build", ".venv"} <= set(ignored)
