"""The server of the login benchmark: `python -m tests.bench.login_server bounded|unbounded FOLDER`.

Prints its port once it listens. The two arms differ in nothing but the pool that hashes.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

import uvloop
from aiohttp import web
from typing_extensions import override

from server import migrations
from server.accounts import service as accounts
from server.app import create_app
from server.kit.actor import Audience
from server.kit.db import Database, UnitOfWork
from server.kit.log import configure
from server.kit.settings import Settings
from server.kit.sqlite import SqliteBackend
from server.login.passwords import PasswordPool, hash_password, verify_password
from server.login.routes import LOGIN

PEOPLE = 400
PASSWORD = "korrekt häst batteri"


class UnboundedPool(PasswordPool):
    """What one writes without thinking of a morning's rush: every hash gets a thread at once."""

    @override
    async def verify(self, hashed: str | None, password: str, client: str) -> bool:
        """Hash on the loop's own threads, however many wait already."""
        right = await asyncio.to_thread(verify_password, hashed or self._nobody, password)
        return right and hashed is not None


async def main(arm: str, folder: Path) -> None:
    """Serve until SIGTERM."""
    settings = Settings(
        data=folder, log_sample=0, log_level="ERROR", trusted_proxies=("127.0.0.1/32",)
    )
    # Unconfigured, every request would be told in colour into a pipe that nobody empties.
    configure(settings.log_format, settings.log_level)
    database = Database(SqliteBackend(settings.database_file, prepare=migrations.upgrade))
    await database.start()
    hashed = hash_password(PASSWORD)

    def people(uow: UnitOfWork) -> None:
        for number in range(PEOPLE):
            accounts.create(
                uow,
                Audience.PATIENT,
                f"p{number}",
                f"P {number}",
                hashed,
                birth_date=uow.now.date(),
            )

    await database.write(people)
    app = create_app(settings, database)
    if arm == "unbounded":
        app[LOGIN].pool = UnboundedPool()
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await ended.wait()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(runner.cleanup(), 5)
    await database.stop()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], Path(sys.argv[2])))
