"""`vardrum media` and the servers that find it in their database."""

import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from server.kit.database_url import DatabaseUrl
from server.kit.settings import Settings
from server.main import node
from server.main.refusal import RefusalError
from tests.databases import Databases
from tests.server.main.command import Vardrum, address_in, fetch

TOKEN = "a token of thirty-two characters"
NODE: dict[str, Any] = {
    "media_control": "tcp://127.0.0.1:0",
    "media_token": TOKEN,
    "media_address": "127.0.0.1",
}


@pytest.fixture
def another(postgres: Databases) -> Iterator[Callable[..., DatabaseUrl]]:
    made: list[DatabaseUrl] = []

    def make(*, migrated: bool) -> DatabaseUrl:
        made.append(postgres.another(migrated=migrated))
        return made[-1]

    yield make
    for each in made:
        postgres.drop(each)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def soon(url: str, line: str, *, there: bool) -> None:
    """Wait until the metrics have a line, or no longer have it."""
    deadline = time.monotonic() + 60
    while (line in fetch(url)[1].decode()) is not there:
        assert time.monotonic() < deadline, fetch(url)[1].decode()
        time.sleep(0.2)


def given_to(pid: int) -> str:
    """The command lines and environments of the processes that one has started."""
    found = ""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                found += (folder / "cmdline").read_text() + (folder / "environ").read_text()
        except OSError:
            continue
    return found


@pytest.mark.postgres
def test_a_server_uses_the_nodes_that_are_there(
    vardrum: Vardrum, another: Callable[..., DatabaseUrl]
) -> None:
    url, port = another(migrated=False), free_port()
    server, said = vardrum.serve(
        "--demo", database_url=url.dsn, media_nodes=1, media_token=TOKEN, metrics_port=port
    )
    metrics = f"http://127.0.0.1:{port}/metrics"
    assert "vardrum_media_worker_up{" not in fetch(metrics)[1].decode(), "there is none yet"
    local = address_in(said, "Patients:").replace("patient.localhost", "127.0.0.1")
    media, told = vardrum.start("media", database_url=url.dsn, **NODE)
    there = re.search(r"Media for the servers, at (127\.0\.0\.1:\d+)", told)
    assert there
    up = f'vardrum_media_worker_up{{worker="{there[1]}/0"}} 1.0'
    soon(metrics, up, there=True)
    assert fetch(f"{local}/health/ready")[0] == 200
    assert "signaling.worker" in given_to(media.pid)
    assert TOKEN not in given_to(media.pid), "who parses what strangers send knows no secret"
    assert TOKEN not in Path(f"/proc/{media.pid}/cmdline").read_text()
    _, code, logged = vardrum.stop(media, signal.SIGTERM)
    assert code == 0, logged
    assert TOKEN not in logged
    soon(metrics, up, there=False)
    _, code, logged = vardrum.stop(server, signal.SIGTERM)
    assert code == 0, logged


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({**NODE, "media_token": "short"}, "VARDRUM_MEDIA_TOKEN must have 32"),
        ({"media_nodes": True}, "VARDRUM_MEDIA_TOKEN must have 32"),
        ({**NODE, "media_control": "10.0.0.5"}, "not an address"),
        ({**NODE, "media_control": "tcp://10.0.0.5"}, "not an address"),
    ],
)
def test_a_setting_that_is_wrong_is_said(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why) as refused:
        Settings(**settings)
    assert TOKEN not in str(refused.value)


def test_what_a_node_needs_is_said() -> None:
    with pytest.raises(RefusalError, match="needs VARDRUM_MEDIA_CONTROL"):
        node.refuse_early(Settings())
    with pytest.raises(RefusalError, match="through PostgreSQL: set VARDRUM_DATABASE_URL"):
        node.refuse_early(Settings(**NODE))
    postgres = SecretStr("postgresql://u:p@127.0.0.1/d")
    there = Settings(**{**NODE, "media_control": "tcp://[::1]:9470"}, database_url=postgres)
    assert node.refuse_early(there) == ("::1", 9470)
    assert node.refuse_early(Settings(**NODE, database_url=postgres)) == ("127.0.0.1", 0)


def test_a_server_without_postgresql_uses_no_nodes(vardrum: Vardrum) -> None:
    code, _, told = vardrum.run("serve", media_nodes=1, media_token=TOKEN)
    assert (code, "through PostgreSQL" in told, TOKEN in told) == (1, True, False)
