"""Where Debian keeps the programs that a cluster needs beside our own."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
from pathlib import Path
from typing import TypedDict

#: Debian keeps what serves off PATH for everybody but root.
_BESIDE = "/usr/sbin:/usr/local/sbin:/sbin"


class ProgramMissing(RuntimeError):
    """A program is not installed; it says what to type."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(
            f"A cluster needs `{program}`, which this machine does not have. As root, run:\n"
            f"  apt-get update && apt-get install -y {package}"
        )


class RunAs(TypedDict, total=False):
    """The part of `subprocess.Popen`'s arguments that says as whom."""

    user: int
    group: int
    extra_groups: list[int]


def program(name: str, package: str) -> str:
    """The path of a program. Raises `ProgramMissing`."""
    found = shutil.which(name) or shutil.which(name, path=_BESIDE)
    if found is None:
        raise ProgramMissing(name, package)
    return found


def postgres_folder() -> Path:
    """The folder of `initdb` and `postgres`; the newest wins. Raises `ProgramMissing`."""
    found = shutil.which("initdb")
    if found and (Path(found).resolve().parent / "postgres").exists():
        return Path(found).resolve().parent
    versions = [
        each.parent
        for each in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if each.parent.parent.name.isdigit()
    ]
    if not versions:
        raise ProgramMissing("postgres", "postgresql")
    return max(versions, key=lambda each: int(each.parent.name))


def postgres_user() -> RunAs:
    """As whom PostgreSQL runs: it refuses root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise ProgramMissing("postgres", "postgresql")
