"""`vardrum dead-letters`, on either engine: beside a running server, and without one."""

import asyncio
import json
import signal
import socket
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from server import migrations
from server.app.jobs import EndGuests
from server.kit.clock import utc_now
from server.kit.database_url import DatabaseUrl
from server.kit.jobs.job import encode
from server.kit.settings import PREFIX, Settings
from server.main import cli, control
from server.main.commands import dead_letters
from server.main.refusal import RefusalError
from tests.databases import Databases
from tests.server.main.command import Vardrum, address_in, fetch
from tests.server.migrations import kept

PATIENCE = 30.0


@pytest.fixture
def blockbuster() -> None:
    """A command has a loop of its own, on which nothing else waits."""


@pytest.fixture
def url(engine: str, request: pytest.FixtureRequest) -> Iterator[DatabaseUrl | None]:
    """An empty database; None: the embedded one, where the command keeps it."""
    if engine == "sqlite":
        yield None
        return
    postgres: Databases = request.getfixturevalue("postgres")
    made = postgres.another()
    yield made
    postgres.drop(made)


@pytest.fixture
def where(url: DatabaseUrl | None) -> dict[str, str]:
    return {} if url is None else {"database_url": url.dsn}


def _dead(url: DatabaseUrl | None, path: Path, *ids: int) -> None:
    """Leave jobs that this release knows, and that failed too often."""
    now = utc_now() - timedelta(hours=5)
    rows = [
        {
            "id": each, "kind": EndGuests.kind, "data": encode(EndGuests()), "stream": "s",
            "enqueued_at": now, "due_at": now, "set_at": now, "attempts": 14,
            "dead_at": now + timedelta(hours=4), "last_error": "timeout",
        }
        for each in ids
    ]  # fmt: skip
    stored = {
        "jobs": [
            {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}
            for row in rows
        ]
    }
    if url is None:
        kept.insert_into_file(path, stored)
    else:
        kept.insert_into_postgres(url, stored)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    vardrum: Vardrum, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """The command in this process, which is quicker; the server is always one of its own."""

    def command(*said: str, **settings: Any) -> tuple[int, str, str]:
        for name, value in vardrum.environment(**settings).items():
            if name.startswith(PREFIX):
                monkeypatch.setenv(name, value)
        code = cli(["dead-letters", *said])
        out, told = capsys.readouterr()
        return code, out, told

    return command


def _shows(metrics: str, line: str) -> float:
    text = fetch(metrics)[1].decode()
    return next(float(each.removeprefix(line)) for each in text.splitlines() if line in each)


def test_beside_a_server_they_are_looked_at_replayed_and_discarded(
    vardrum: Vardrum, run: Run, url: DatabaseUrl | None, where: dict[str, str]
) -> None:
    path = vardrum.folder / "data" / "vardrum.db"
    if url is None:
        migrations.upgrade(path)
    _dead(url, path, 1001, 1002, 1003)
    process, said = vardrum.serve(**where)
    metrics = address_in(said, "Metrics:")
    assert _shows(metrics, 'vardrum_jobs{state="dead"} ') == 3

    code, out, told = run("list", **where)
    assert (code, told) == (0, "")
    first, second = out.splitlines()[1:3]
    assert first.split()[:2] == ["1001", EndGuests.kind]
    assert first.split()[-3:] == ["14", "timeout", "2"]
    assert second.split()[-1] == "1"
    listed = json.loads(run("list", "--json", **where)[1])
    assert (listed["count"], [each["id"] for each in listed["letters"]]) == (3, [1001, 1002, 1003])
    shown = json.loads(run("show", "1002", **where)[1])
    assert (shown["kind"], shown["data"], shown["behind"]) == (EndGuests.kind, {}, 1)

    assert run("discard", "1001", **where)[1] == "Discarded: 1001.\n"
    for verb in ("show", "replay", "discard"):
        code, _, told = run(verb, "1001", **where)
        assert (code, "There is no dead letter 1001." in told) == (1, True)
    code, out, _ = run("replay", "--all", **where)
    assert (code, out) == (0, "Will be tried again: 1002, 1003.\n")
    assert run("list", **where)[1] == "There is no dead letter.\n"
    # The server does what it was given back.
    deadline = time.monotonic() + PATIENCE
    done = f'vardrum_job_runs_total{{kind="{EndGuests.kind}",outcome="done"}} '
    while _shows(metrics, done) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _shows(metrics, done) >= 2
    assert vardrum.stop(process, signal.SIGTERM)[1] == 0
    assert not (vardrum.folder / "data" / control.NAME).exists()


def test_without_a_server_the_command_takes_the_embedded_database(
    vardrum: Vardrum, run: Run
) -> None:
    path = vardrum.folder / "data" / "vardrum.db"
    assert run("list")[:2] == (0, "There is no dead letter.\n")
    _dead(None, path, 1001)
    assert run("replay", "1001")[:2] == (0, "Will be tried again: 1001.\n")
    assert run("list")[1] == "There is no dead letter.\n"


def test_the_door_is_for_its_owner_and_outlives_nonsense_and_a_kill(
    vardrum: Vardrum, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An address has room for 107 octets, and a data folder's name need not.
    data = vardrum.folder / ("d" * 90) / ("e" * 90)
    process, _ = vardrum.serve(data=data)
    door = data / control.NAME
    assert stat.S_IMODE(door.stat().st_mode) == 0o600
    monkeypatch.chdir(data)
    _say_nonsense()
    assert run("list", data=data)[0] == 0
    vardrum.stop(process, signal.SIGKILL)
    # It was left there, and nobody listens.
    assert door.exists()
    assert run("list", data=data)[0] == 0
    process, _ = vardrum.serve(data=data)
    assert run("list", data=data)[0] == 0
    assert vardrum.stop(process, signal.SIGTERM)[1] == 0


def _say_nonsense() -> None:
    for said in (
        b"", b"\n", b"{", b"[]\n", b'{"action": 1}\n',
        b'{"action": "of.tomorrow", "given": {}}\n',
        b'{"action": "dead-letters.show", "given": {}}\n', b"\xff" * 3_000_000,
    ):  # fmt: skip
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as caller:
            caller.settimeout(PATIENCE)
            caller.connect(control.NAME)
            try:
                caller.sendall(said)
                caller.shutdown(socket.SHUT_WR)
                answer = caller.recv(65536)
            except OSError:
                answer = b""
        assert answer == b"" or "refused" in json.loads(answer)


def test_a_server_that_says_nothing_is_told_of(settings: Settings) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def ask() -> None:
        server = await asyncio.start_unix_server(hang_up, settings.data / control.NAME)
        async with server:
            await control.do(settings, dead_letters.LIST, {})

    with pytest.raises(RefusalError, match="not known whether it was done"):
        asyncio.run(ask())
