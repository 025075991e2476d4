"""``vardrum backup``, ``vardrum restore``, and ``vardrum verify-log``."""

import argparse
import asyncio
import sys
from pathlib import Path

from server import migrations
from server.audit import service as audit
from server.audit.domain import Report
from server.kit.clock import utc_now
from server.kit.settings import Settings
from server.main.backup.work import back_up, restore
from server.main.commands import Commands
from server.main.database import read_beside, shown
from server.main.refusal import RefusalError

# So many patients are named; whoever looks further has a list of all in the database.
_NAMED = 5


def add(commands: Commands) -> None:
    """Tell the parser."""
    command = commands.add_parser(
        "backup", help="write the database to a file, also while the server runs"
    )
    command.add_argument("place", type=Path, help="a new file, or a folder to put it in")
    command.set_defaults(command=_backup)
    command = commands.add_parser("restore", help="bring a backup back into an empty place")
    command.add_argument("file", type=Path, help="what `vardrum backup` wrote")
    command.set_defaults(command=_restore)
    command = commands.add_parser(
        "verify-log", help="walk every chain of the access log, also while the server runs"
    )
    command.set_defaults(command=_verify_log)


def _backup(settings: Settings, arguments: argparse.Namespace) -> int:
    try:
        made = back_up(settings, arguments.place, utc_now())
    except OSError as error:
        raise _no_file(arguments.place, error) from None
    sys.stdout.write(
        f"{shown(settings)} is backed up to {made.file} ({made.octets:,} octets, schema "
        f"{made.revision}, sha256 {made.sha256}).\n"
    )
    return 0


def _restore(settings: Settings, arguments: argparse.Namespace) -> int:
    try:
        done = restore(settings, arguments.file)
    except OSError as error:
        raise _no_file(arguments.file, error) from None
    held = "as its checksum says" if done.checked else "without a checksum to hold it against"
    sys.stdout.write(
        f"{shown(settings)} holds what {arguments.file} did, {held}, at schema "
        f"{migrations.head()}. {done.sessions} sessions were ended: everybody logs in again.\n"
    )
    return _told(done.log)


def _verify_log(settings: Settings, _arguments: argparse.Namespace) -> int:
    return _told(asyncio.run(read_beside(settings, audit.verify_all)))


def _told(report: Report) -> int:
    if not report.broken:
        sys.stdout.write(
            f"The access log is whole: {report.lines} lines in {report.chains} chains.\n"
        )
        return 0
    named = "; ".join(
        f"patient {each.patient_id} from line {each.broken_at}" for each in report.broken[:_NAMED]
    )
    more = len(report.broken) - _NAMED
    sys.stderr.write(
        f"vardrum: The access log is broken in {len(report.broken)} of {report.chains} chains: "
        f"{named}{f'; and {more} more' if more > 0 else ''}. Somebody changed it outside of the "
        "program, or the disk did: keep this database and compare with older backups.\n"
    )
    return 1


def _no_file(path: Path, error: OSError) -> RefusalError:
    where = error.filename or path
    return RefusalError(f"{where} can't be used ({error.strerror}).")
