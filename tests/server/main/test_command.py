"""The command line: what it starts, what it refuses and in which words, how it stops."""

import json
import signal
import socket

import pytest

from server import demo, migrations
from server.app import client_files
from server.kit.settings import settings_table
from server.main import addresses, cli
from tests.server.main.command import ROOT, Vardrum, address_in, fetch


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
    assert len(json.loads(fetch(f"{local}/api/v1/config")[1])["demo_logins"]) == 13
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
    # Beside the server that runs, two commands that only look.
    code, out, told = vardrum.run("doctor", "--json", port=port, metrics_port=-1)
    looked = json.loads(out)
    assert (code, told, looked["healthy"]) == (0, "", True), looked
    answers = f"The server at 127.0.0.1 port {port} answers and is ready."
    assert answers in [each["said"] for each in looked["findings"]]
    code, out, told = vardrum.run("backup", str(vardrum.folder / "copy"))
    assert (code, f"schema {migrations.head()}" in out) == (0, True), told
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
    code, _, told = vardrum.run("serve", media_address="127.0.0.1,203.0.113.7")
    assert (code, "203.0.113.7 is no address of this machine" in told) == (1, True)
    assert told.count("\n") == 1


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


def test_staff_are_put_at_a_clinic_by_its_name(vardrum: Vardrum) -> None:
    assert vardrum.run("seed-demo")[0] == 0
    at = ("--profession", "doctor", "--clinic")
    nina = ("create-account", "staff", "nina", "Nina Ny", "--title", "Läkare", *at)
    code, _, told = vardrum.run(*nina, "Vallby", stdin="långt nog\n")
    assert code == 1
    # Which there are, so that the next try is the last.
    assert "0 clinics called Vallby" in told
    assert "Hamnens närmottagning" in told
    vallby = ("create-clinic", "Vallby", "Vallby", "--offer", "doctor=mon-fri 08:00-17:00")
    code, made, told = vardrum.run(*vallby, log_level="INFO")
    assert (code, json.loads(told)["clinic_id"]) == (0, made.strip())
    code, _, told = vardrum.run(*vallby)
    assert (code, "There is a clinic called Vallby" in told) == (1, True)
    code, _, told = vardrum.run(*nina, made.strip(), stdin="långt nog\n")
    # Who made it is told, and nobody's name.
    assert (code, json.loads(told)["event"], "nina" in told) == (0, "account.created", False)
    nina = (*nina[:2], "annan", *nina[3:])
    assert vardrum.run(*nina, "Hamnens närmottagning", stdin="långt nog\n")[0] == 0


def test_an_unknown_command_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli(["dance"])
    assert ended.value.code == 2
    assert "serve" in capsys.readouterr().err


def test_the_clients_folder_is_where_the_build_puts_it() -> None:
    assert client_files.STATIC == ROOT / "server" / "static"
