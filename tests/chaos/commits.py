"""The embedded database's process killed at random while it commits: what it answered is there.

`python -m tests.chaos.commits --kills 200 --seed 7` prints one line, and exits 1 if anything that
was acknowledged is missing, doubled or changed.

Each time a fork of this process opens the file and writes from many tasks at once. It tells of a
write when its future has resolved, as the product answers a request; then SIGKILL comes.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import secrets
import signal
import sqlite3
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from server.kit.sqlite import SqliteBackend

_WRITERS = 16
_ACK = struct.Struct("!QQ")
_TABLE = sa.table("written", sa.column("number"), sa.column("content"))
#: A write that has been told is looked for with its content, so that a torn one is found.
_FACTOR = 2_654_435_761


def content(number: int) -> int:
    """What the row of this number holds."""
    return number * _FACTOR % (1 << 40)


def _prepare(path: Path) -> None:
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS written (number INTEGER, content INTEGER)")
    conn.close()


async def _write_for_ever(path: Path, numbers: Iterator[int], told: int) -> None:
    backend = SqliteBackend(path, prepare=_prepare)
    await backend.start(lambda _: None, lambda _: None)

    async def writer() -> None:
        for number in numbers:
            row = {"number": number, "content": content(number)}
            await backend.write(lambda conn, row=row: conn.execute(sa.insert(_TABLE), row))  # type: ignore[misc]
            os.write(told, _ACK.pack(number, content(number)))

    await asyncio.gather(*(writer() for _ in range(_WRITERS)))


def _killed_once(path: Path, first: int, chance: random.Random) -> list[int]:
    """Write from this number on until killed at a random moment: the numbers that were told."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        try:
            asyncio.run(_write_for_ever(path, itertools.count(first), told))
        finally:
            os._exit(1)
    os.close(told)
    data = os.read(heard, _ACK.size)
    # It commits; a commit takes about a millisecond.
    time.sleep(chance.uniform(0, 0.03))
    os.kill(child, signal.SIGKILL)
    while more := os.read(heard, 65_536):
        data += more
    os.close(heard)
    os.waitpid(child, 0)
    whole = len(data) - len(data) % _ACK.size
    return [number for number, _ in _ACK.iter_unpack(data[:whole])]


def complaints(path: Path, told: set[int]) -> list[str]:
    """What does not hold of the file."""
    conn = sqlite3.connect(path)
    rows = conn.execute("SELECT number, content FROM written").fetchall()
    (health,) = conn.execute("PRAGMA integrity_check").fetchone()
    conn.close()
    numbers = [number for number, _ in rows]
    found = [f"{number} was acknowledged and is lost" for number in sorted(told - set(numbers))]
    if len(numbers) != len(set(numbers)):
        found.append(f"{len(numbers) - len(set(numbers))} writes are there twice")
    found += [f"{number} holds {held}" for number, held in rows if held != content(number)]
    if health != "ok":
        found.append(f"the file is broken: {health}")
    return found


def run(kills: int, seed: int) -> tuple[int, list[str]]:
    """How many writes were acknowledged, and what does not hold."""
    chance = random.Random(seed)
    told: set[int] = set()
    found: list[str] = []
    with tempfile.TemporaryDirectory(prefix="vardrum-chaos-") as folder:
        path = Path(folder) / "killed.db"
        for turn in range(kills):
            new = _killed_once(path, turn * 1_000_000, chance)
            if not new:
                found.append(f"kill {turn + 1} hit a process that had acknowledged nothing")
            told.update(new)
            # Read after each: a later recovery must not hide what an earlier one lost.
            found += complaints(path, told)
            if found:
                break
    return len(told), found


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.commits", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    chosen = parser.parse_args()
    sys.stdout.write(f"commits, seed {chosen.seed}: killed {chosen.kills} times while it commits\n")
    count, found = run(chosen.kills, chosen.seed)
    sys.stdout.write(f"  {count} writes were acknowledged; {len(found)} complaints\n")
    for each in found[:5]:
        sys.stdout.write(f"  BROKEN {each}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
