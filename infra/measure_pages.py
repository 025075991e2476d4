"""`make lighthouse`: are the pages fast on a slow phone, and does Lighthouse find nothing amiss?

Starts the product as it is served, over a demo region of its own on free ports, and measures the
start page, the login and the queue of a waiting patient. Prints a table, keeps each report in
`build/lighthouse/<page>.json`, and exits with 1 when a goal is missed.

Performance is measured on this machine: beside other work it says little. It is therefore no part
of `make test`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from infra.build_client import NoNode, build, npm_command

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "infra" / "lighthouse"
OUT = ROOT / "build" / "lighthouse"
HOST = "patient.localhost"
LOOPBACK = "127.0.0.1"
RUNS = 3
#: Lighthouse's scores, of 100.
GOALS = {"performance": 95, "accessibility": 100}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class CannotMeasure(RuntimeError):
    """Something that the measurement needs is missing; says what."""


def install() -> None:
    """Lighthouse as its lock file says, unless it already stands there."""
    lock = hashlib.sha256((TOOL / "package-lock.json").read_bytes()).hexdigest()
    stamp = TOOL / "node_modules" / ".vardrum-stamp"
    if stamp.is_file() and stamp.read_text() == lock:
        return
    command, env = npm_command()
    arguments = ("install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts")
    subprocess.run([*command, *arguments], cwd=TOOL, env=env, check=True, stdout=sys.stderr)
    stamp.write_text(lock)


def chromium() -> str:
    """The machine's own browser; Lighthouse's is not downloaded."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise CannotMeasure("there is no Chromium: apt-get install chromium")


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def product(folder: Path) -> Iterator[int]:
    """The product over fresh demo data; gives its port. At most two minutes to be ready."""
    port = free_port()
    env = dict(os.environ) | {
        "VARDRUM_PORT": str(port),
        "VARDRUM_DATA": str(folder / "data"),
        "VARDRUM_MEDIA_ADDRESS": LOOPBACK,
        "VARDRUM_MEDIA_PORT": str(free_port(socket.SOCK_DGRAM)),
        "VARDRUM_METRICS_PORT": str(free_port()),
    }
    log = folder / "product.log"
    with log.open("ab") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "server.main", "serve", "--demo"],
            cwd=ROOT,
            env=env,
            stdout=lines,
            stderr=lines,
        )
    try:
        deadline = time.monotonic() + 120
        while not _ready(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotMeasure(f"the product did not start:\n{log.read_text()}")
            time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


class Visitor:
    """A patient with a session, by the API itself."""

    def __init__(self, port: int) -> None:
        self._origin = f"http://{LOOPBACK}:{port}"
        self._host = f"{HOST}:{port}"
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Host": self._host, "X-Vardrum": "1", "Idempotency-Key": str(uuid.uuid4())}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(  # noqa: S310  (our own address)
            self._origin + path, data, headers, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            for line in answer.headers.get_all("Set-Cookie", []):
                jar: SimpleCookie = SimpleCookie(line)
                self.cookies |= {name: crumb.value for name, crumb in jar.items()}
            return json.loads(answer.read())


def waiting_patient(port: int) -> tuple[dict[str, str], str]:
    """A demo patient in a queue: her cookies, and the address of her place."""
    visitor = Visitor(port)
    config = visitor.ask("GET", "/api/v1/config")
    login = next(one for one in config["demo_logins"] if one["audience"] == "patient")
    account = {"username": login["username"], "password": login["password"]}
    visitor.ask("POST", "/api/v1/patient/session", account)
    clinics = visitor.ask("GET", "/api/v1/clinics")["clinics"]
    clinic, service = next(
        (clinic, service) for clinic in clinics for service in clinic["services"] if service["open"]
    )
    wish = {
        "clinic_id": clinic["id"],
        "profession": service["profession"],
        "reason": "Feber sedan i går kväll, och ont i örat.",
        "channel": "video",
    }
    ticket = visitor.ask("POST", "/api/v1/patient/queue-tickets", wish)
    return visitor.cookies, f"/ko/{ticket['id']}"


def measure(port: int) -> list[dict[str, Any]]:
    """Lighthouse's summary of each page."""
    base = f"http://{HOST}:{port}"
    cookies, place = waiting_patient(port)
    crumbs = [{"name": name, "value": value, "url": base} for name, value in cookies.items()]
    crumbs = [crumb | {"domain": HOST, "path": "/"} for crumb in crumbs]
    OUT.mkdir(parents=True, exist_ok=True)
    plan = {
        "chromium": chromium(),
        "out": str(OUT),
        "runs": RUNS,
        "hosts": [HOST, "localhost", LOOPBACK],
        "pages": [
            {"name": "start", "url": f"{base}/", "cookies": []},
            {"name": "login", "url": f"{base}/logga-in", "cookies": []},
            {"name": "queue", "url": f"{base}{place}", "cookies": crumbs},
        ],
    }
    command, env = npm_command()
    node = command[0] if len(command) > 1 else "node"
    done = subprocess.run(
        [node, str(TOOL / "measure.mjs")],
        input=json.dumps(plan),
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def table(pages: list[dict[str, Any]]) -> str:
    """The figures as they are printed, one page a line."""
    head = ("page", "perf", "a11y", "best", "FCP ms", "LCP ms", "TBT ms", "CLS", "kB")
    rows = [head]
    for page in pages:
        scores, metrics = page["scores"], page["metrics"]
        rows.append(
            (
                page["name"],
                *(f"{scores[each]}" for each in ("performance", "accessibility", "best-practices")),
                f"{metrics['first_contentful_paint_ms']:.0f}",
                f"{metrics['largest_contentful_paint_ms']:.0f}",
                f"{metrics['total_blocking_time_ms']:.0f}",
                f"{metrics['layout_shift']:.3f}",
                f"{page['bytes'] / 1000:.0f}",
            )
        )
    return "\n".join("".join(cell.rjust(8) for cell in row) for row in rows)


def missed(pages: list[dict[str, Any]]) -> list[str]:
    """Each goal that was not reached, in words."""
    return [
        f"{page['name']}: {goal} {page['scores'][goal]}, wanted {least}"
        f" (see {', '.join(page['failed']) or 'the report'})"
        for page in pages
        for goal, least in GOALS.items()
        if page["scores"][goal] < least
    ]


def main() -> int:
    try:
        build()
        install()
        with tempfile.TemporaryDirectory() as folder, product(Path(folder)) as port:
            pages = measure(port)
    except (NoNode, CannotMeasure, OSError, subprocess.CalledProcessError) as failure:
        sys.stderr.write(f"lighthouse: {failure}\n")
        return 1
    sys.stdout.write(table(pages) + "\n")
    faults = missed(pages)
    for fault in faults:
        sys.stderr.write(f"missed: {fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
