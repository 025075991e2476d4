"""PostgreSQL and Redis of a cluster: on loopback, each with a password, nothing left behind."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from infra.cluster.member import Member
from infra.cluster.plan import Plan
from infra.cluster.ports import LOOPBACK, Ports, answers
from infra.cluster.programs import postgres_folder, postgres_user, program

_USER = _NAME = "vardrum"


class Postgres:
    """A PostgreSQL with one empty database. Its folder goes with `remove`."""

    def __init__(self, folder: Path, plan: Plan, ports: Ports) -> None:
        self._bin = postgres_folder()
        self._password = secrets.token_urlsafe(24)
        # Where its user gets to, who may be another than the one who started us.
        self.folder = Path(tempfile.mkdtemp(prefix="vardrum-cluster-"))
        settings = {
            "listen_addresses": LOOPBACK,
            "port": ports.free(),
            "unix_socket_directories": "",
            "max_connections": 300,
            "shared_buffers": "128MB",
            "logging_collector": "off",
            **({} if plan.durable else {"fsync": "off", "full_page_writes": "off"}),
            **plan.postgres,
        }
        chosen = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.member = Member(
            "postgres",
            [str(self._bin / "postgres"), "-D", str(self.folder / "data"), *chosen],
            folder / "postgres.log",
            self._ready,
            folder=Path("/"),
            run_as=postgres_user(),
            # Ends the sessions too, in order.
            asked_by=signal.SIGINT,
            port=int(str(settings["port"])),
            data=self.folder / "data",
        )

    @property
    def url(self) -> str:
        """The address of the database, with its password."""
        return f"postgresql://{_USER}:{self._password}@{LOOPBACK}:{self.member.port}/{_NAME}"

    def initialise(self) -> None:
        """Make the files."""
        secret = self.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self._password)
        run_as = postgres_user()
        if run_as:
            for path in (self.folder, secret):
                os.chown(path, run_as["user"], run_as["group"])
        self._run(
            "initdb", "-D", str(self.folder / "data"), "-U", _USER, "--auth=scram-sha-256",
            f"--pwfile={secret}", "--encoding=UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip
        secret.unlink()

    def create(self) -> None:
        """Make the empty database."""
        self._run("createdb", "-h", LOOPBACK, "-p", str(self.member.port), "-U", _USER, _NAME)

    def remove(self) -> None:
        """Remove what it stored."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / name), *arguments], check=False, capture_output=True, text=True,
            cwd="/", env={**os.environ, "PGPASSWORD": self._password}, **postgres_user(),
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{name} failed: {done.stderr}")

    def _ready(self, member: Member) -> bool:
        # What `pg_ctl` looks at: the last line says "ready", under this process's id.
        try:
            lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(member.pid) and lines[7].strip() == "ready"


def redis(folder: Path, ports: Ports) -> tuple[Member, str]:
    """A Redis that keeps nothing, and its address."""
    password, port = secrets.token_urlsafe(24), ports.free()
    settings = folder / "redis.conf"
    # Not on the command line, which everybody on the machine may read.
    settings.touch(mode=0o600)
    settings.write_text(
        f'bind {LOOPBACK}\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\n'
        f"daemonize no\ndir {folder}\n"
    )
    member = Member(
        "redis",
        [program("redis-server", "redis-server"), str(settings)],
        folder / "redis.log",
        lambda member: answers(member.port),
        port=port,
    )
    return member, f"redis://:{password}@{LOOPBACK}:{port}/0"
