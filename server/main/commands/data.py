"""``vardrum migrate`` and ``vardrum seed-demo``."""

import argparse
import asyncio
import sys

from server import migrations
from server.kit.settings import PREFIX, Settings
from server.main.commands import Commands
from server.main.database import opened, seed_demo, shown
from server.main.refusal import RefusalError


def add(commands: Commands) -> None:
    """Tell the parser."""
    command = commands.add_parser("migrate", help="bring the database to this release")
    command.set_defaults(command=_migrate)
    command = commands.add_parser("seed-demo", help="fill an empty database with the demo region")
    command.set_defaults(command=_seed)


def _migrate(settings: Settings, _arguments: argparse.Namespace) -> int:
    async def migrate() -> None:
        async with opened(settings):
            pass

    asyncio.run(migrate())
    sys.stdout.write(f"{shown(settings)} is at revision {migrations.head()}.\n")
    return 0


def _seed(settings: Settings, _arguments: argparse.Namespace) -> int:
    async def seed() -> bool:
        async with opened(settings) as database:
            return await seed_demo(database)

    if not asyncio.run(seed()):
        raise RefusalError(
            f"{shown(settings)} holds accounts already; the demo fills only an empty one. Choose "
            f"another with {PREFIX}{'DATABASE_URL' if settings.postgres else 'DATA'}."
        )
    sys.stdout.write(f"{shown(settings)} holds the demo region.\n")
    return 0
