"""A server holds what it needs, and no more: each library that nobody asks costs megabytes."""

import subprocess
import sys

import pytest

from server.main.cli import COMMANDS, parser

_SERVER = "import server.main.cli, server.main.commands.serving"
_WORKER = """
from signaling.worker.no_codecs import no_codecs
no_codecs()
import signaling.worker.process
"""


@pytest.mark.parametrize(
    ("imported", "needless"),
    [
        (_SERVER, {"alembic", "asyncpg", "sqlalchemy.ext.asyncio", "server.main.doctor"}),
        (_WORKER, {"pydantic_settings", "sqlalchemy", "aiohttp", "server.kit.settings"}),
        (_WORKER, {"aiortc.rtcpeerconnection", "aiortc.codecs", "av._core"}),
    ],
    ids=["server", "worker", "worker without codecs"],
)
def test_nothing_is_imported_that_is_not_used(imported: str, needless: set[str]) -> None:
    told = f"{imported}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert not needless & set(done.stdout.split())


def test_each_command_is_found_by_itself() -> None:
    for words in COMMANDS.values():
        for word in words:
            text = parser([word]).format_help()
            assert word in text
            others = {each for names in COMMANDS.values() for each in names} - set(words)
            assert not [each for each in others if f"    {each} " in text]
    everything = parser().format_help()
    assert all(word in everything for words in COMMANDS.values() for word in words)


def test_no_look_for_garbage_goes_through_what_was_imported() -> None:
    told = f"{_SERVER}, gc\n" + "server.main.commands.serving.leave_what_stays()\n"
    told += "print(gc.get_freeze_count(), len(gc.get_objects()))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    frozen, looked_through = map(int, done.stdout.split())
    assert looked_through < 1000 < frozen
