"""``vardrum create-account``: people get in."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import date
from getpass import getpass

from server.accounts import service as accounts
from server.accounts.domain import UsernameTaken
from server.clinics import service as clinics
from server.clinics.domain import Clinic
from server.kit.actor import ACCOUNTS, Audience, Profession
from server.kit.db import UnitOfWork
from server.kit.log import get_logger
from server.kit.settings import Settings
from server.login.passwords import hash_password
from server.main.commands import Commands
from server.main.database import opened
from server.main.refusal import RefusalError

log = get_logger(__name__)

_SHORTEST = 8


def add(commands: Commands) -> None:
    """Tell the parser."""
    command = commands.add_parser(
        "create-account", help="add a person; the password is asked for, or read from a pipe"
    )
    command.add_argument("audience", choices=[str(each) for each in ACCOUNTS])
    command.add_argument("username")
    command.add_argument("name")
    command.add_argument("--birth-date", type=date.fromisoformat, help="of a patient: 1990-12-31")
    command.add_argument("--title", help="of staff: what patients read under the name")
    command.add_argument("--clinic", help="of staff: name or id of the clinic she works at")
    command.add_argument("--profession", choices=[str(each) for each in Profession])
    command.set_defaults(command=_create_account)


def _create_account(settings: Settings, arguments: argparse.Namespace) -> int:
    audience = Audience(arguments.audience)
    if audience is Audience.PATIENT and arguments.birth_date is None:
        raise RefusalError("A patient needs --birth-date, such as 1990-12-31.")
    if (arguments.clinic is None) != (arguments.profession is None):
        raise RefusalError("--clinic and --profession belong together.")
    password_hash = hash_password(read_password())

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
    # Who it is stands in the database; who made it, nowhere else.
    log.info("account.created", account_id=made, audience=audience, uid=os.getuid())
    sys.stdout.write(f"{made}\n")
    return 0


def read_password() -> str:
    """A new password, unseen: asked for twice at a terminal, else a line of standard input.

    Never an argument: those are anybody's to read on the machine, and stay in a shell's history.
    """
    if sys.stdin.isatty():
        password = getpass("Password: ")
        if getpass("The same again: ") != password:
            raise RefusalError("The two passwords differ. Nothing was done.")
    else:
        password = sys.stdin.readline().rstrip("\n")
    if len(password) < _SHORTEST:
        raise RefusalError(
            f"The password, asked for or a line on standard input, needs {_SHORTEST} characters "
            "or more."
        )
    return password


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
