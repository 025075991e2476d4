"""The command `vardrum`, run as people run it: in a process of its own."""

import asyncio
import os
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

ROOT = Path(__file__).resolve().parents[3]
# The client is built elsewhere; here a page stands for it.
START = (
    "import sys, pathlib; from server.app import client_files as f; "
    "f.STATIC = pathlib.Path(sys.argv.pop(1)); f.is_built.__defaults__ = (f.STATIC,); "
    "from server.main import cli; raise SystemExit(cli(sys.argv[1:]))"
)


class Vardrum:
    """Runs the command in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.static = folder / "static"
        self.static.mkdir()
        (self.static / "index.html").write_text("<title>V</title>")
        self.running: list[subprocess.Popen[str]] = []

    def environment(self, **settings: Any) -> dict[str, str]:
        """This machine's environment with these settings and no others of ours."""
        plain = {k: v for k, v in os.environ.items() if not k.startswith("VARDRUM_")}
        chosen = {
            "VARDRUM_DATA": str(self.folder / "data"),
            "VARDRUM_PORT": "0",
            "VARDRUM_METRICS_PORT": "0",
            "VARDRUM_LOG_FORMAT": "json",
            **{f"VARDRUM_{name.upper()}": str(value) for name, value in settings.items()},
        }
        return {**plain, **chosen, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}

    def run(self, *command: str, stdin: str = "", **settings: Any) -> tuple[int, str, str]:
        """A command to its end: its status, what it said and what it complained of."""
        done = subprocess.run(
            [sys.executable, "-c", START, str(self.static), *command],
            input=stdin, capture_output=True, text=True, timeout=60, check=False,
            env=self.environment(**settings),
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def serve(self, *options: str, **settings: Any) -> tuple[subprocess.Popen[str], str]:
        """`serve`, once it says that it is ready, and what it said until then."""
        return self.start("serve", *options, **settings)

    def start(self, *command: str, **settings: Any) -> tuple[subprocess.Popen[str], str]:
        """A command that goes on, once it says that it is ready."""
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(self.static), *command],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.environment(**settings),
        )  # fmt: skip
        self.running.append(process)
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                return process, said
        raise AssertionError(f"it did not start: {said} {process.communicate()}")

    def stop(self, process: subprocess.Popen[str], number: int) -> tuple[float, int, str]:
        """Send a signal: seconds until the end, the status, what was logged."""
        began = time.monotonic()
        process.send_signal(number)
        _, logged = process.communicate(timeout=10)
        return time.monotonic() - began, process.returncode, logged


def address_in(said: str, word: str) -> str:
    """The address on the line that begins with the word."""
    return next(line.split()[1] for line in said.splitlines() if line.strip().startswith(word))


def fetch(url: str, **headers: str) -> tuple[int, bytes]:
    """GET, whoever made the certificate: status and body."""

    async def get() -> tuple[int, bytes]:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        async with ClientSession() as session, session.get(url, headers=headers, ssl=context) as r:
            return r.status, await r.read()

    return asyncio.run(get())
