"""The command line: what it starts, what it refuses and in which words, how it stops."""

import asyncio
import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from cryptography import x509

from server import demo, migrations
from server.accounts import service as accounts
from server.app import client_files
from server.clinics import service as clinics
from server.kit.actor import Audience, Profession
from server.kit.clock import FrozenClock, utc_now
from server.kit.db import Database
from server.kit.settings import Settings, settings_table
from server.main import addresses, cli, tls
from server.main.refusal import RefusalError
from tests.support import PASSWORD_HASH

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
        done = subprocess.run(
            [sys.executable, "-c", START, str(self.static), *command],
            input=stdin, capture_output=True, text=True, timeout=60, check=False,
            env=self.environment(**settings),
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def serve(self, *options: str, **settings: Any) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(self.static), "serve", *options],
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
        began = time.monotonic()
        process.send_signal(number)
        _, logged = process.communicate(timeout=10)
        return time.monotonic() - began, process.returncode, logged


@pytest.fixture
def vardrum(tmp_path: Path) -> Iterator[Vardrum]:
    made = Vardrum(tmp_path)
    yield made
    for process in made.running:
        if process.poll() is None:
            process.kill()
            process.communicate()


def address_in(said: str, word: str) -> str:
    return next(line.split()[1] for line in said.splitlines() if line.strip().startswith(word))


def fetch(url: str, **headers: str) -> tuple[int, bytes]:
    async def get() -> tuple[int, bytes]:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        async with ClientSession() as session, session.get(url, headers=headers, ssl=context) as r:
            return r.status, await r.read()

    return asyncio.run(get())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_a_demo_keeps_its_data_and_stops_in_time(vardrum: Vardrum, number: int) -> None:
    process, said = vardrum.serve("--demo")
    patients, staff = address_in(said, "Patients:"), address_in(said, "Staff:")
    assert patients.startswith("http://patient.localhost:")
    assert staff.startswith("http://personal.localhost:")
    for login in demo.demo_logins():
        assert login.username in said
    local = patients.replace("patient.localhost", "127.0.0.1")
    status, body = fetch(f"{local}/health/ready")
    assert (status, json.loads(body)["checks"]["media"]) == (200, "ok")
    assert len(json.loads(fetch(f"{local}/api/v1/config")[1])["demo_logins"]) == 12
    assert b"vardrum_sessions" in fetch(address_in(said, "Metrics:"))[1]
    assert fetch(f"{local}/metrics")[0] == 404
    taken, code, logged = vardrum.stop(process, number)
    assert code == 0, logged
    stopped = json.loads(logged.splitlines()[-1])
    assert stopped["event"] == "server.stopped"
    assert stopped["seconds"] < 1.5
    assert taken < 2, stopped
    # A second start finds the same people.
    status, _, refused = vardrum.run("seed-demo")
    assert status == 1
    assert "holds accounts already" in refused


def test_what_can_not_start_says_why(vardrum: Vardrum) -> None:
    process, said = vardrum.serve("--demo")
    port = address_in(said, "Patients:").rpartition(":")[2]
    code, _, told = vardrum.run("serve")
    assert (code, "in use by another vardrum" in told, "VARDRUM_DATA" in told) == (1, True, True)
    other = vardrum.folder / "other"
    code, _, told = vardrum.run("serve", data=other, port=port)
    assert code == 1
    assert f"Port {port} on 127.0.0.1 is taken" in told
    assert f"VARDRUM_PORT={int(port) + 1}" in told
    assert vardrum.stop(process, signal.SIGTERM)[1] == 0
    (vardrum.static / "index.html").unlink()
    code, _, told = vardrum.run("serve")
    assert (code, "client is not built" in told, "make run" in told) == (1, True, True)
    assert told.count("\n") == 1


def test_settings_that_are_wrong_are_named(vardrum: Vardrum) -> None:
    code, _, told = vardrum.run("serve", port="many")
    assert code == 1
    assert "VARDRUM_PORT" in told
    code, _, told = vardrum.run("serve", tls_cert="/nowhere.pem", tls_key="/nowhere.pem")
    assert code == 1
    assert "VARDRUM_TLS_CERT" in told
    code, _, told = vardrum.run("migrate", data="/proc/nowhere")
    assert code == 1
    assert "VARDRUM_DATA" in told


def test_a_taken_media_port_is_told(vardrum: Vardrum) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        code, _, told = vardrum.run("serve", media_port=port, media_address="127.0.0.1")
    assert code == 1
    assert "VARDRUM_MEDIA_PORT" in told


def test_https_for_the_local_network(vardrum: Vardrum) -> None:
    process, said = vardrum.serve("--demo", "--tls")
    url = address_in(said, "Patients:").replace("patient.localhost", "127.0.0.1")
    assert url.startswith("https://")
    assert fetch(f"{url}/health/live")[0] == 200
    if addresses.lan_addresses():
        assert "phone" in said
        assert "█" in said
        assert fetch(f"{address_in(said, 'Network:')}/health/live")[0] == 200
    assert vardrum.stop(process, signal.SIGTERM)[1] == 0


def test_other_commands(vardrum: Vardrum) -> None:
    code, out, _ = vardrum.run("migrate")
    assert (code, migrations.head() in out) == (0, True)
    assert vardrum.run("settings")[1] == settings_table()
    assert json.loads(vardrum.run("openapi")[1])["openapi"].startswith("3.1")
    patient = ("create-account", "patient", "nils", "Nils Nilsson")
    code, _, told = vardrum.run(*patient, stdin="långt nog\n")
    assert (code, "--birth-date" in told) == (1, True)
    whole = (*patient, "--birth-date", "1980-01-01")
    code, _, told = vardrum.run(*whole, stdin="kort\n")
    assert (code, "8 characters" in told) == (1, True)
    assert vardrum.run(*whole, stdin="långt nog\n")[0] == 0
    code, _, told = vardrum.run(*whole, stdin="långt nog\n")
    assert (code, "is taken" in told) == (1, True)


def test_the_certificate_is_made_once_and_made_anew(tmp_path: Path) -> None:
    now = utc_now()
    certificate, key = tls.local_certificate(tmp_path / "tls", ["127.0.0.1"], now)
    first = certificate.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    names = (
        x509.load_pem_x509_certificate(first)
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value
    )
    assert set(tls.LOCAL_NAMES) <= set(names.get_values_for_type(x509.DNSName))
    tls.local_certificate(tmp_path / "tls", ["127.0.0.1"], now)
    assert certificate.read_bytes() == first
    tls.local_certificate(tmp_path / "tls", ["127.0.0.1", "192.168.7.7"], now)
    second = certificate.read_bytes()
    assert second != first
    tls.local_certificate(tmp_path / "tls", ["127.0.0.1"], now + tls.LIFETIME - timedelta(days=1))
    assert certificate.read_bytes() != second


@pytest.mark.parametrize(
    ("host", "refused"),
    [
        ("127.0.0.1", False), ("::1", False), ("192.168.1.5", False), ("10.0.0.9", False),
        ("fd00::1", False), ("8.8.8.8", True), ("2600::1", True),
    ],
)  # fmt: skip
def test_a_demo_stays_at_home(settings: Settings, host: str, refused: bool) -> None:
    shown = settings.model_copy(update={"demo": True})
    if refused:
        with pytest.raises(RefusalError, match="VARDRUM_ALLOW_PUBLIC_DEMO"):
            addresses.refuse_public_demo(shown, [host])
    else:
        addresses.refuse_public_demo(shown, [host])
    addresses.refuse_public_demo(settings, [host])
    allowed = shown.model_copy(update={"allow_public_demo": True})
    addresses.refuse_public_demo(allowed, [host])


def test_everywhere_is_public_if_one_address_is(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = settings.model_copy(update={"demo": True})
    for found, refused in ((["192.168.1.2", "127.0.0.1"], False), (["8.8.8.8"], True)):
        monkeypatch.setattr(addresses, "default_addresses", lambda found=found: found)
        for wildcard in addresses.WILDCARDS:
            if refused:
                with pytest.raises(RefusalError):
                    addresses.refuse_public_demo(shown, [wildcard])
            else:
                addresses.refuse_public_demo(shown, [wildcard])


def test_tls_listens_on_the_local_network_only(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        addresses, "default_addresses", lambda: ["8.8.8.8", "192.168.1.2", "127.0.0.1"]
    )
    assert addresses.listening_on(settings, local_tls=True) == ["127.0.0.1", "192.168.1.2"]
    assert addresses.listening_on(settings, local_tls=False) == ["127.0.0.1"]
    chosen = Settings(host="0.0.0.0")  # noqa: S104
    assert addresses.listening_on(chosen, local_tls=True) == ["0.0.0.0"]  # noqa: S104
    assert all(ip_address(each).is_private for each in addresses.lan_addresses())


def test_an_unknown_command_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli(["dance"])
    assert ended.value.code == 2
    assert "serve" in capsys.readouterr().err


async def test_the_demo_region(database: Database, clock: FrozenClock) -> None:
    assert await database.read(demo.logins_here) == ()
    assert await database.write(demo.seed, PASSWORD_HASH)
    assert not await database.write(demo.seed, PASSWORD_HASH)
    logins = await database.read(demo.logins_here)
    assert logins == demo.demo_logins()
    assert sum(each.audience is Audience.PATIENT for each in logins) >= 5
    listed = await database.read(clinics.list_clinics)
    assert len(listed) == 2
    counted = dict.fromkeys(Profession, 0)
    for login in logins:
        found = await database.read(accounts.credential, login.audience, login.username)
        assert found is not None
        account = found[0]
        if login.audience is Audience.PATIENT:
            assert account.birth_date is not None
            assert login.birth_year == account.birth_date.year
        else:
            commissions = await database.read(clinics.commissions_of, account.id)
            assert {each.clinic_id for each in commissions} == {each.id for each in listed}
            assert login.profession == commissions[0].profession
            counted[commissions[0].profession] += 1
    assert set(counted.values()) == {2}
    # Doctors at any hour, and not everything at every hour.
    clock.advance(timedelta(hours=18))
    hours = {
        (clinic.name, profession): await database.read(clinics.opening, clinic.id, profession)
        for clinic in listed
        for profession in clinic.services
    }
    assert all(each.open for (_, profession), each in hours.items() if profession == "doctor")
    assert any(not each.open and each.next_opening for each in hours.values())


def test_the_clients_folder_is_where_the_build_puts_it() -> None:
    assert client_files.STATIC == ROOT / "server" / "static"
