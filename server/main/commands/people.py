"""``vardrum create-account`` and ``vardrum create-admin``: people get in."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import date
from getpass import getpass

from server.accounts import service as accounts
from server.accounts.domain import PasswordTooEasy, UsernameTaken, check_password
from server.admin import service as admin
from server.audit import service as audit
from server.audit.domain import AdminAct
from server.clinics import service as clinics
from server.clinics.domain import Clinic
from server.kit.actor import ACCOUNTS, Audience, Profession
from server.kit.db import UnitOfWork
from server.kit.errors import JsonValue
from server.kit.fields import SHORTEST_PASSWORD
from server.kit.log import get_logger
from server.kit.settings import Settings
from server.login.passwords import hash_password
from server.main import control
from server.main.commands import Commands
from server.main.control import Action, Given
from server.main.database import opened
from server.main.refusal import RefusalError

log = get_logger(__name__)


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
    command = commands.add_parser(
        "create-admin", help="add an administrator, who adds everybody else; beside the server"
    )
    command.add_argument("username", help="for logging in at the staff's address")
    command.add_argument("name", nargs="?", help="as colleagues know the person; not of --existing")
    command.add_argument("--title", help="such as Administratör or Läkare")
    command.add_argument(
        "--existing", action="store_true", help="make one of the staff with that username one"
    )
    command.set_defaults(command=_create_admin)


def _create_account(settings: Settings, arguments: argparse.Namespace) -> int:
    audience = Audience(arguments.audience)
    if audience is Audience.PATIENT and arguments.birth_date is None:
        raise RefusalError("A patient needs --birth-date, such as 1990-12-31.")
    if (arguments.clinic is None) != (arguments.profession is None):
        raise RefusalError("--clinic and --profession belong together.")
    password_hash = hash_password(read_password(arguments.username))

    def create(uow: UnitOfWork) -> str:
        account = accounts.create(
            uow,
            audience,
            arguments.username,
            arguments.name,
            password_hash,
            birth_date=arguments.birth_date,
            title=arguments.title,
            # Who types a password for somebody else of the staff knows it. Patients are asked by
            # no page to change theirs.
            password_given=audience is Audience.STAFF,
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


def _made_admin(uow: UnitOfWork, given: Given) -> JsonValue:
    """An administrator of a new account, or of one that is there (without a hash)."""
    username = given["username"]
    if given["password_hash"] is None:
        found = accounts.credential(uow, Audience.STAFF, username)
        if found is None:
            raise RefusalError(
                f"Nobody of the staff has the username {username}. Leave --existing out and add a "
                "name to create the account."
            )
        made = found[0].id
        if found[0].locked_at is not None:
            raise RefusalError(f"The account {username} is locked: an administrator unlocks it.")
    else:
        try:
            made = accounts.create(
                uow,
                Audience.STAFF,
                username,
                given["name"],
                given["password_hash"],
                title=given["title"],
                password_given=True,
            ).id
        except UsernameTaken:
            raise RefusalError(
                f"The username {username} is taken. Choose another, or say --existing to make that "
                "account an administrator's."
            ) from None
        audit.record_admin(uow, None, AdminAct.ACCOUNT_CREATED, account_id=made)
    admin.set_administrator(uow, None, made, True)
    return made


CREATE_ADMIN = Action("people.create-admin", _made_admin)


def _create_admin(settings: Settings, arguments: argparse.Namespace) -> int:
    existing: bool = arguments.existing
    if existing and (arguments.name or arguments.title):
        raise RefusalError("An existing account keeps its name and title: leave them out.")
    if not existing:
        _said("The username", arguments.username, 100)
        _said("The name", arguments.name or "", 200)
    given = {
        "username": arguments.username,
        "name": arguments.name,
        "title": arguments.title,
        "password_hash": None if existing else hash_password(read_password(arguments.username)),
    }
    made = asyncio.run(control.do(settings, CREATE_ADMIN, given))
    log.info("account.administrator", account_id=made, uid=os.getuid())
    sys.stdout.write(f"{made}\n")
    return 0


def _said(what: str, text: str, longest: int) -> None:
    if not 0 < len(text.strip()) <= longest:
        raise RefusalError(f"{what} needs 1 to {longest} characters.")


def read_password(username: str) -> str:
    """A new password, unseen: asked for twice at a terminal, else a line of standard input.

    Never an argument: those are anybody's to read on the machine, and stay in a shell's history.
    """
    if sys.stdin.isatty():
        password = getpass("Password: ")
        if getpass("The same again: ") != password:
            raise RefusalError("The two passwords differ. Nothing was done.")
    else:
        password = sys.stdin.readline().rstrip("\n")
    if len(password) < SHORTEST_PASSWORD:
        raise RefusalError(
            "The password, asked for or a line on standard input, needs "
            f"{SHORTEST_PASSWORD} characters or more."
        )
    try:
        check_password(password, username)
    except PasswordTooEasy:
        raise RefusalError("That password is among the first that somebody would try.") from None
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
