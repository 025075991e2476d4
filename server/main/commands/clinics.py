"""``vardrum create-clinic``: where one can go, whom one meets there, and when."""

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from server.clinics import service as clinics
from server.clinics.domain import DAY, Span
from server.kit.actor import Profession
from server.kit.db import UnitOfWork
from server.kit.log import get_logger
from server.kit.settings import Settings
from server.main.commands import Commands
from server.main.database import opened
from server.main.refusal import RefusalError

log = get_logger(__name__)

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ALWAYS = "always"
_HOURS = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)")
_FORM = (
    'Write it as "doctor=mon-fri 08:00-17:00, sat 10:00-14:00", or "doctor=always"; times are '
    "Swedish, and an end before its beginning is on the next day"
)


@dataclass(frozen=True, slots=True)
class Offer:
    """Whom one can meet, and when: weekly hours (0 = Monday), or always."""

    profession: Profession
    weekly: tuple[tuple[int, Span], ...] = ()
    always: bool = False


def add(commands: Commands) -> None:
    """Tell the parser."""
    command = commands.add_parser("create-clinic", help="add a clinic and its opening hours")
    command.add_argument("name")
    command.add_argument("area", help="where it is, as patients look for it")
    command.add_argument(
        "--offer",
        action="append",
        required=True,
        type=offer,
        help='whom and when: "doctor=mon-fri 08:00-17:00, sat 10:00-14:00" or "doctor=always"',
    )
    command.set_defaults(command=_create_clinic)


def offer(text: str) -> Offer:
    """What is offered, as somebody typed it. ``ArgumentTypeError`` says what is wrong."""
    name, _, hours = text.partition("=")
    try:
        profession = Profession(name.strip())
    except ValueError:
        known = ", ".join(Profession)
        raise argparse.ArgumentTypeError(f"{name!r} is none of {known}. {_FORM}.") from None
    if hours.strip() == _ALWAYS:
        return Offer(profession, always=True)
    weekly = [each for part in hours.split(",") for each in _week(part.strip().lower())]
    return Offer(profession, tuple(weekly))


def _week(part: str) -> list[tuple[int, Span]]:
    found = _HOURS.fullmatch(part)
    if found is None or not {found[1], found[2] or found[1]} <= set(_DAYS):
        raise argparse.ArgumentTypeError(f"{part!r} are no hours. {_FORM}.")
    first, last = _DAYS.index(found[1]), _DAYS.index(found[2] or found[1])
    opens, closes = (
        int(hour) * 60 + int(minute)
        for hour, minute in ((found[3], found[4]), (found[5], found[6]))
    )
    if closes < opens:
        closes += DAY
    try:
        if int(found[4]) > 59 or int(found[6]) > 59 or last < first:
            raise ValueError
        span = Span(opens, closes)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{part!r} are no hours. {_FORM}.") from None
    return [(day, span) for day in range(first, last + 1)]


def _create_clinic(settings: Settings, arguments: argparse.Namespace) -> int:
    offers: Sequence[Offer] = arguments.offer
    if len({each.profession for each in offers}) < len(offers):
        raise RefusalError("A profession is offered twice: put all of its hours into one --offer.")

    def create(uow: UnitOfWork) -> str:
        # Staff are put at a clinic by its name.
        if any(each.name == arguments.name for each in clinics.list_clinics(uow)):
            raise RefusalError(f"There is a clinic called {arguments.name}. Choose another name.")
        clinic = clinics.add_clinic(uow, arguments.name, arguments.area)
        for each in offers:
            clinics.set_hours(uow, clinic.id, each.profession, each.weekly, always=each.always)
        return clinic.id

    async def run() -> str:
        async with opened(settings) as database:
            return await database.write(create)

    made = asyncio.run(run())
    log.info("clinic.created", clinic_id=made, uid=os.getuid())
    sys.stdout.write(f"{made}\n")
    return 0
