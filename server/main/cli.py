"""``vardrum …``: reads the command and the settings, and says in one sentence what is wrong."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson
import uvloop
from pydantic import ValidationError

from server import migrations
from server.accounts import service as accounts
from server.accounts.domain import UsernameTaken
from server.app.build import document
from server.clinics import service as clinics
from server.clinics.domain import Clinic
from server.kit.actor import ACCOUNTS, Audience, Profession
from server.kit.clock import utc_now
from server.kit.db import UnitOfWork
from server.kit.log import configure
from server.kit.settings import PREFIX, Settings, settings_table
from server.login.passwords import hash_password
from server.main import addresses, node, serve, tls
from server.main.announce import announcement
from server.main.database import opened, seed_demo
from server.main.refusal import RefusalError


def cli(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        settings = _settings()
        configure(settings.log_format, settings.log_level)
        status: int = arguments.command(settings, arguments)
    except RefusalError as refusal:
        sys.stderr.write(f"vardrum: {refusal}\n")
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vardrum", description="Video visits and chat for public care."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    command = commands.add_parser("serve", help="run the server")
    command.add_argument("--demo", action="store_true", help="with a made-up region and logins")
    command.add_argument(
        "--tls", action="store_true", help="with a local certificate, for phones on the network"
    )
    command.set_defaults(command=_serve)
    command = commands.add_parser("media", help="run this machine's media workers for the servers")
    command.set_defaults(command=_media)
    command = commands.add_parser("migrate", help="bring the database to this release")
    command.set_defaults(command=_migrate)
    command = commands.add_parser("seed-demo", help="fill an empty database with the demo region")
    command.set_defaults(command=_seed)
    command = commands.add_parser("openapi", help="print the API's description")
    command.set_defaults(command=_openapi)
    command = commands.add_parser("settings", help="print the settings as a table")
    command.set_defaults(command=_print_settings)
    command = commands.add_parser(
        "create-account", help="add a person; the password comes from standard input"
    )
    command.add_argument("audience", choices=[str(each) for each in ACCOUNTS])
    command.add_argument("username")
    command.add_argument("name")
    command.add_argument("--birth-date", type=date.fromisoformat, help="of a patient: 1990-12-31")
    command.add_argument("--title", help="of staff: what patients read under the name")
    command.add_argument("--clinic", help="of staff: name or id of the clinic she works at")
    command.add_argument("--profession", choices=[str(each) for each in Profession])
    command.set_defaults(command=_create_account)
    return parser


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{PREFIX}{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors()
        )
        raise RefusalError(
            f"A setting is wrong. {wrong}. `vardrum settings` lists them all."
        ) from None


def _serve(settings: Settings, arguments: argparse.Namespace) -> int:
    changed: dict[str, Any] = {}
    if arguments.demo:
        changed["demo"] = True
    settings = settings.model_copy(update=changed)
    # Without --tls this is what VARDRUM_HOST says, whether or not a certificate is set.
    hosts = addresses.listening_on(settings, local_tls=arguments.tls)
    serve.refuse_early(settings, hosts)
    if arguments.tls and not settings.tls:
        certificate, key = tls.local_certificate(
            settings.data / "tls", [addresses.LOOPBACK, *addresses.lan_addresses()], utc_now()
        )
        settings = settings.model_copy(update={"tls_cert": certificate, "tls_key": key})

    def announce(server: serve.Running) -> None:
        sys.stdout.write(announcement(settings, server))
        sys.stdout.flush()

    status = uvloop.run(serve.until_told(settings, hosts, announce))
    # Everything is closed and on disk. Taking the interpreter down piece by piece would only cost
    # time: half a second, and several on a busy machine.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _media(settings: Settings, _arguments: argparse.Namespace) -> int:
    addresses.refuse_unusable_media(settings)
    place = node.refuse_early(settings)

    def announce(address: str) -> None:
        sys.stdout.write(f"Media for the servers, at {address}. Ctrl-C ends it.\n")
        sys.stdout.flush()

    status: int = uvloop.run(node.run(settings, place, announce))
    return status


def _shown(settings: Settings) -> str:
    shown = settings.database_shown
    return shown[0].upper() + shown[1:]


def _migrate(settings: Settings, _arguments: argparse.Namespace) -> int:
    async def migrate() -> None:
        async with opened(settings):
            pass

    asyncio.run(migrate())
    sys.stdout.write(f"{_shown(settings)} is at revision {migrations.head()}.\n")
    return 0


def _seed(settings: Settings, _arguments: argparse.Namespace) -> int:
    async def seed() -> bool:
        async with opened(settings) as database:
            return await seed_demo(database)

    if not asyncio.run(seed()):
        raise RefusalError(
            f"{_shown(settings)} holds accounts already; the demo fills only an empty one. Choose "
            f"another with {PREFIX}{'DATABASE_URL' if settings.postgres else 'DATA'}."
        )
    sys.stdout.write(f"{_shown(settings)} holds the demo region.\n")
    return 0


def _openapi(_settings: Settings, _arguments: argparse.Namespace) -> int:
    sys.stdout.write(orjson.dumps(document(), option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0


def _print_settings(_settings: Settings, _arguments: argparse.Namespace) -> int:
    sys.stdout.write(settings_table())
    return 0


def _create_account(settings: Settings, arguments: argparse.Namespace) -> int:
    audience = Audience(arguments.audience)
    if audience is Audience.PATIENT and arguments.birth_date is None:
        raise RefusalError("A patient needs --birth-date, such as 1990-12-31.")
    if (arguments.clinic is None) != (arguments.profession is None):
        raise RefusalError("--clinic and --profession belong together.")
    password = sys.stdin.readline().rstrip("\n")
    if len(password) < 8:
        raise RefusalError("The password, a line on standard input, needs 8 characters or more.")
    password_hash = hash_password(password)

    def create(uow: UnitOfWork) -> str:
        account = accounts.create(
            uow,
            audience,
            arguments.username,
            arguments.name,
            password_hash,
            birth_date=arguments.birth_date,
            title=arguments.title,
        )
        if arguments.clinic is not None:
            clinic = _the_clinic(clinics.list_clinics(uow), arguments.clinic)
            clinics.commission(uow, account.id, clinic.id, Profession(arguments.profession))
        return account.id

    async def run() -> str:
        async with opened(settings) as database:
            return await database.write(create)

    try:
        made = asyncio.run(run())
    except UsernameTaken:
        raise RefusalError(f"The username {arguments.username} is taken. Choose another.") from None
    sys.stdout.write(f"{made}\n")
    return 0


def _the_clinic(known: Sequence[Clinic], called: str) -> Clinic:
    """The one clinic of that id or name."""
    found = [each for each in known if called in (each.id, each.name)]
    if len(found) != 1:
        names = "; ".join(f"{each.name} ({each.id})" for each in known)
        raise RefusalError(
            f"There are {len(found)} clinics called {called}. "
            + (f"Name one of these, or its id: {names}." if names else "There is none yet at all.")
        )
    return found[0]
