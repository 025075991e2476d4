"""A running server's own door: commands go through the process that has the embedded database.

A Unix socket in the data folder, which its owner alone can open. One line of JSON names an action
and what it is given, one line answers. On PostgreSQL, and when nothing runs, a command does the
action itself.
"""

import asyncio
import contextlib
import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from server.kit.db import Database, UnitOfWork
from server.kit.errors import JsonValue
from server.kit.log import get_logger
from server.kit.settings import Settings
from server.main.database import opened
from server.main.refusal import RefusalError

log = get_logger(__name__)

NAME = "control.sock"
Given: TypeAlias = dict[str, Any]

# unix(7): `sun_path` has 108 octets, the last of them zero.
_LONGEST_PATH = 107
_LONGEST_LINE = 1 << 20
_QUESTION_SECONDS = 5.0
_ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Action:
    """A unit of work by name. What it is given and gives must be JSON; it may refuse."""

    name: str
    fn: Callable[[UnitOfWork, Given], JsonValue]


async def do(settings: Settings, action: Action, given: Given) -> Any:
    """Do the action on the settings' database, whoever has it. ``RefusalError`` says why not."""
    if settings.postgres is None:
        try:
            return await _ask(settings.data / NAME, action, given)
        except (FileNotFoundError, ConnectionRefusedError):
            pass  # nobody listens there: then we can have the folder, or be told who has it
    async with opened(settings) as database:
        return await database.write(action.fn, given)


@asynccontextmanager
async def door(
    settings: Settings, database: Database, actions: Sequence[Action]
) -> AsyncIterator[None]:
    """Let commands in for as long as the block runs. The data folder must be ours."""
    known = {action.name: action for action in actions}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_QUESTION_SECONDS):
                asked = json.loads(await reader.readline())
            said = await _answer(database, known, asked, _uid(writer))
            writer.write(json.dumps(said).encode() + b"\n")
            await writer.drain()
        except (OSError, ValueError, TimeoutError) as error:
            log.warning("control.not_understood", error=error)
        finally:
            writer.close()

    path = settings.data / NAME
    listening = await asyncio.to_thread(_bound, path)
    server = await asyncio.start_unix_server(answer, sock=listening, limit=_LONGEST_LINE)
    try:
        yield
    finally:
        server.close()
        await asyncio.to_thread(path.unlink, missing_ok=True)


async def _answer(
    database: Database, known: dict[str, Action], asked: Any, uid: int
) -> dict[str, Any]:
    name, given = (asked.get("action"), asked.get("given")) if isinstance(asked, dict) else (0, 0)
    action = known.get(name) if isinstance(name, str) else None
    if action is None or not isinstance(given, dict):
        return {"refused": "The server that runs is of another release: restart it first."}
    try:
        done = await database.write(action.fn, given)
    except RefusalError as refusal:
        return {"refused": str(refusal)}
    except Exception as error:
        log.error("control.failed", action=action.name, uid=uid, error=error)
        return {"refused": f"It failed in the server ({type(error).__name__}); see its log."}
    log.info("control.done", action=action.name, uid=uid)
    return {"done": done}


async def _ask(path: Path, action: Action, given: Given) -> Any:
    with _short(path) as address:
        reader, writer = await asyncio.open_unix_connection(address, limit=_LONGEST_LINE)
    try:
        writer.write(json.dumps({"action": action.name, "given": given}).encode() + b"\n")
        async with asyncio.timeout(_ANSWER_SECONDS):
            line = await reader.readline()
    except (OSError, TimeoutError):
        line = b""
    finally:
        writer.close()
    if not line:
        raise RefusalError(
            "The server that runs did not answer, so it is not known whether it was done. Look, "
            "then try again."
        )
    said = json.loads(line)
    if "refused" in said:
        raise RefusalError(said["refused"])
    return said["done"]


def _bound(path: Path) -> socket.socket:
    # What a killed process left there; its lock on the folder went with it.
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(path) as address:
            made.bind(address)
        # Before it listens: until then nobody gets in.
        path.chmod(0o600)
    except BaseException:
        made.close()
        raise
    return made


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """The path as an address: by way of an open folder, if it is too long for one."""
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _uid(writer: asyncio.StreamWriter) -> int:
    """Who is at the other end (``SO_PEERCRED``, unix(7)), for the log. -1: not to be known."""
    with contextlib.suppress(AttributeError, OSError):
        number = writer.get_extra_info("socket").fileno()
        with socket.fromfd(number, socket.AF_UNIX, socket.SOCK_STREAM) as peer:
            credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            return int(struct.unpack("3i", credentials)[1])
    return -1
