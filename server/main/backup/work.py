"""Making a backup, and restoring one, on whichever engine the settings choose."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from server.audit import service as audit
from server.audit.domain import Report
from server.guests import service as guests
from server.kit.backend import Backend
from server.kit.db import UnitOfWork
from server.kit.settings import Settings
from server.login import service as login
from server.main.backup import files, postgres, sqlite
from server.main.database import opened
from server.main.refusal import RefusalError


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made."""

    file: Path
    octets: int
    sha256: str
    revision: str | None


@dataclass(frozen=True, slots=True)
class Restored:
    """A database that was brought back."""

    checked: bool
    """Whether the file was held against a checksum."""
    sessions: int
    """How many sessions, of accounts and guests, were ended."""
    log: Report


def back_up(settings: Settings, place: Path, now: datetime) -> Backup:
    """Write a backup to the place: a new file, or a folder in which it is named by the instant.

    Blocks. The server may run meanwhile: the backup holds what was committed when it began.
    """
    suffix = postgres.SUFFIX if settings.postgres else sqlite.SUFFIX
    target = files.target_in(place, suffix, now)
    with files.new_file(target) as part:
        if settings.postgres is not None:
            revision = postgres.dump(settings.postgres, part)
        else:
            revision = sqlite.dump(settings, part)
        octets = part.stat().st_size
        digest = files.write_checksum(part, target)
    return Backup(target, octets, digest, revision)


def restore(settings: Settings, file: Path) -> Restored:
    """Bring the backup back into an empty place, at this release's schema. Blocks.

    Whoever was logged in is not any more: who logged out, or was shown out, after the backup was
    made would be in again.
    """
    checked = _refuse_unusable(settings, file)
    with (
        sqlite.restored(settings, file)
        if settings.postgres is None
        else postgres.restored(settings.postgres, file)
    ) as backend:
        sessions, log = asyncio.run(_settle(settings, backend))
    return Restored(checked, sessions, log)


async def _settle(settings: Settings, backend: Backend) -> tuple[int, Report]:
    async with opened(settings, backend) as database:
        sessions = await database.write(_end_sessions)
        return sessions, await database.read(audit.verify_all)


def _end_sessions(uow: UnitOfWork) -> int:
    return guests.end_all(uow) + login.end_all_sessions(uow)


def _refuse_unusable(settings: Settings, file: Path) -> bool:
    if not file.is_file():
        raise RefusalError(f"There is no file {file}.")
    with file.open("rb") as content:
        begins = content.read(len(sqlite.MAGIC))
    embedded, other = begins == sqlite.MAGIC, begins.startswith(postgres.MAGIC)
    if settings.postgres is None and other:
        raise RefusalError(
            f"{file} is a backup of PostgreSQL. Name an empty database in VARDRUM_DATABASE_URL."
        )
    if settings.postgres is not None and embedded:
        raise RefusalError(
            f"{file} is a backup of the embedded database. Unset VARDRUM_DATABASE_URL to restore "
            "it; from one engine to the other there is no way yet."
        )
    checked = files.refuse_damaged(file)
    if not (embedded or other):
        raise RefusalError(f"{file} is no backup of vardrum, or its beginning is damaged.")
    return checked
