"""A PostgreSQL of one's own: a private cluster in a temporary folder, reached by a Unix socket.

    with Cluster() as cluster:
        url = cluster.create("mine")    # a fresh, migrated database

The tests share one cluster a run, whatever the number of workers: see `shared`. It is durable only
when asked (`durable=True`), because a test that is killed needs no disk.

Run as a module it serves a cluster until a process ends: `python -m tests.postgres FILE PID`.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

from server.kit.database_url import DatabaseUrl, parse
from tests.databases import PASSWORD, STRICT_USER, USER, create

PORT = 5432
PATIENCE = 60.0
_MISSING = (
    "The tests need PostgreSQL, and its server programs were not found. As root, run:\n"
    "  apt-get update && apt-get install -y postgresql\n"
    "or put the folder that has `initdb` and `postgres` on PATH."
)
_HBA = f"local all {STRICT_USER} scram-sha-256\nlocal all all trust\n"


class PostgresMissing(RuntimeError):
    """There is no PostgreSQL here. It says what to type; the tests fail, they are not skipped."""


def programs() -> Path:
    """The folder of `initdb` and `postgres`; Debian keeps it off PATH. The newest wins."""
    found = shutil.which("initdb")
    if found and (Path(found).resolve().parent / "postgres").exists():
        return Path(found).resolve().parent
    versions = [
        each.parent
        for each in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if each.parent.parent.name.isdigit()
    ]
    if not versions:
        raise PostgresMissing(_MISSING)
    return max(versions, key=lambda each: int(each.parent.name))


def _owner() -> dict[str, Any]:
    """As whom the server runs: it refuses root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise PostgresMissing("PostgreSQL refuses root, and there is no user postgres or nobody.")


class Cluster:
    """A server with its folder. Databases are made from a migrated template."""

    def __init__(self, folder: Path | None = None, *, durable: bool = False) -> None:
        """`folder` must not exist yet; its path must be short, for the socket lies in it."""
        self._bin = programs()
        self.folder = folder or Path(tempfile.mkdtemp(prefix="vardrum-pg-"))
        self._durable = durable
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Cluster:
        self.initialise()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._server is not None
        return self._server.pid

    def url(self, name: str, user: str = USER, password: str = PASSWORD) -> DatabaseUrl:
        """The address of a database."""
        login = f"{quote(user)}:{quote(password)}"
        return parse(f"postgresql://{login}@/{name}?host={self.folder}&port={PORT}")

    def initialise(self) -> None:
        """Make the cluster's files."""
        self.folder.mkdir(exist_ok=True, mode=0o700)
        owner = _owner()
        if owner:
            os.chown(self.folder, owner["user"], owner["group"])
        command = [
            str(self._bin / "initdb"), "-D", str(self.folder / "data"), "-U", USER, "--auth=trust",
            "--encoding=UTF8", "--locale=C", *([] if self._durable else ["--no-sync"]),
        ]  # fmt: skip
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd="/", **owner
        )
        if done.returncode != 0:
            raise RuntimeError(f"initdb failed: {done.stderr}")
        (self.folder / "data" / "pg_hba.conf").write_text(_HBA)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        unsafe = () if self._durable else ("fsync=off", "full_page_writes=off", "autovacuum=off")
        settings = (
            "listen_addresses=", f"unix_socket_directories={self.folder}", f"port={PORT}",
            "max_connections=300", "shared_buffers=128MB", "logging_collector=off", *unsafe,
        )  # fmt: skip
        command = [str(self._bin / "postgres"), "-D", str(self.folder / "data")]
        for setting in settings:
            command += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                start_new_session=True, **_owner(),
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while not asyncio.run(_answers(self.url("postgres"))):
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT ends its sessions too, SIGQUIT is a crash."""
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(PATIENCE)
            self._server = None

    def create(self, name: str, *, migrated: bool = True) -> DatabaseUrl:
        """A fresh database, migrated (from a template that is made at the first time)."""
        return asyncio.run(create(self.url("postgres"), self.url(name), migrated=migrated))


async def _answers(url: DatabaseUrl) -> bool:
    try:
        await (await asyncpg.connect(url.dsn, timeout=5)).close()
    except (OSError, asyncpg.PostgresError):
        return False
    return True


def shared(state: Path, until: int) -> DatabaseUrl:
    """The run's cluster, by its database `postgres`. Whoever asks first starts it.

    `state` is a file that all workers know; the cluster ends when the process `until` has ended,
    however it did.
    """
    with state.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not state.exists():
            programs()
            keeper = subprocess.Popen(
                [sys.executable, "-m", "tests.postgres", str(state), str(until)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True,
                cwd=Path(__file__).resolve().parent.parent,
            )  # fmt: skip
            assert keeper.stdout is not None
            with keeper.stdout as said:
                line = said.readline()
            if not line:
                raise RuntimeError("the cluster of the tests did not start; it says why above")
            # It outlives us on purpose, and is nobody's to wait for.
            keeper.returncode = 0
        known = json.loads(state.read_text())
    return parse(known["dsn"])


def _keep(state: Path, until: int) -> None:
    """Serve a cluster until the process has ended."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with Cluster() as cluster:
        # Here, because alembic reads files on the loop, which a test would be blamed for.
        cluster.create("vardrum_first")
        made = state.with_suffix(".new")
        made.write_text(json.dumps({"dsn": cluster.url("postgres").dsn, "pid": cluster.pid}))
        made.replace(state)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while _lives(until):
            time.sleep(0.2)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), int(sys.argv[2]))
