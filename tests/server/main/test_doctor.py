"""What `vardrum doctor` finds: each fault by itself, and nothing where all is well."""

import asyncio
import os
import resource
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from blockbuster import BlockBuster
from cryptography import x509
from pydantic import SecretStr

from server.audit import service as audit
from server.kit.database_url import parse
from server.kit.db import Database
from server.kit.postgres import PostgresBackend
from server.kit.settings import Settings
from server.main import local_certificate
from server.main.doctor import bus, certificates, choices, machine, network, storage
from server.main.doctor.finding import Finding, State
from server.main.doctor.round import examine
from tests.databases import PASSWORD, Databases
from tests.redis import RedisServer
from tests.support import People

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
GB = 1 << 30
EVERYWHERE = "::"


def states(findings: Iterator[Finding] | list[Finding]) -> list[tuple[str, str]]:
    """What is not well, and that each says what to do."""
    bad = [each for each in findings if each.state is not State.OK]
    assert all(each.said and each.do for each in bad)
    return [(each.check, str(each.state)) for each in bad]


def said(findings: Iterator[Finding] | list[Finding]) -> str:
    """All that is told, as a person reads it."""
    return " ".join(f"{each.said} {each.do}" for each in findings)


def changed(settings: Settings, **values: Any) -> Settings:
    """The settings with some that were chosen."""
    return settings.model_copy(update=values)


def test_settings_that_mean_nothing_are_told(settings: Settings) -> None:
    assert states(choices.examine(settings, {"VARDRUM_PORT": "1", "vardrum_host": "h"})) in (
        [],
        [("client", "fail")],  # where nobody has built it
    )
    assert "No mail is sent" in said(choices.examine(settings, {}))
    wrong = said(choices.examine(settings, {"VARDRUM_DATABSE_URL": "x", "VARDRUM_REDIS": "y"}))
    assert "VARDRUM_DATABSE_URL is no setting" in wrong
    assert "Did you mean VARDRUM_DATABASE_URL?" in wrong
    assert "VARDRUM_REDIS is no setting" in wrong
    assert states([choices.wrong("VARDRUM_PORT: no number")]) == [("settings", "fail")]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"host": "127.0.0.1"}, []),
        ({"host": EVERYWHERE}, ["https"]),
        ({"host": EVERYWHERE, "trusted_proxies": ("10.0.0.0/8",)}, []),
        ({"public_url": "https://vard.example.se"}, ["https"]),
        ({"public_url": "http://vard.example.se", "trusted_proxies": ("::1",)}, ["https"]),
        ({"demo": True}, ["demo"]),
    ],
)
def test_settings_that_nobody_wants_are_told(
    settings: Settings, values: dict[str, Any], found: list[str]
) -> None:
    told = states(choices.examine(changed(settings, **values), {}))
    assert [check for check, _ in told if check != "client"] == found


def test_the_machine_is_judged_by_its_figures(tmp_path: Path) -> None:
    def disk(free: int, database: int = 0) -> list[tuple[str, str]]:
        return states([machine.judge_disk(tmp_path, free=free, whole=40 * GB, database=database)])

    assert disk(10 * GB, database=9 * GB) == []
    assert disk(10 * GB, database=11 * GB) == [("disk", "warn")]
    assert disk(GB - 1) == disk(2 * GB - 1) == [("disk", "warn")]
    assert disk(200 * machine.MB - 1) == [("disk", "fail")]
    assert states([machine.judge_inodes(tmp_path, free=1, whole=100)]) == [("disk", "warn")]
    assert states([machine.judge_inodes(tmp_path, free=0, whole=0)]) == []
    clocks = [machine.judge_clock(synchronised=each) for each in (True, False, None)]
    assert states(clocks) == [("clock", "warn")] * 2
    limits = [machine.judge_files(each) for each in (1024, 65536, resource.RLIM_INFINITY)]
    assert states(limits) == [("files", "warn")]
    buffers = [machine.judge_buffer(each) for each in (8 << 20, 212992)]
    assert states(buffers) == [("buffers", "warn")]
    assert "net.core.rmem_max=8388608" in said(buffers)
    drops = [machine.judge_drops(*each) for each in ((0, 0), (100_000, 9), (100_000, 11))]
    assert states(drops) == [("buffers", "warn")]
    workers = [machine.judge_workers(each, cores=4) for each in (0, 4, 5)]
    assert states(workers) == [("media", "warn")]


def test_the_machine_can_be_read(settings: Settings) -> None:
    found = list(machine.examine(changed(settings, data=settings.data / "not" / "yet")))
    assert {each.check for each in found} == {"disk", "clock", "files", "buffers", "media"}


def test_taken_ports_are_told(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0)
        port = other.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as media:
            media.bind(("127.0.0.1", 0))
            chosen = changed(
                settings, metrics_port=port, media_port=media.getsockname()[1],
                media_address=("127.0.0.1",), port=0,
            )  # fmt: skip
            found = list(network.examine(chosen))
            # A port that nobody chose gives way to another.
            unnamed = changed(chosen)
            unnamed.model_fields_set.discard("metrics_port")
            assert ("metrics", "warn") in states(network.examine(unnamed))
    assert states(found) == [("metrics", "fail"), ("media", "fail")]
    assert "taken by another program" in said(found)
    elsewhere = changed(settings, host="203.0.113.7", port=0, metrics_port=-1)
    assert states(network.examine(elsewhere)) == [("port", "fail")]
    wrong = changed(settings, port=0, metrics_port=-1, media_address=("203.0.113.7",))
    assert "is no address of this machine" in said(network.examine(wrong))


def test_media_that_nobody_reaches_is_told(settings: Settings) -> None:
    assert (
        states(network.judge_media(settings, ["192.168.1.5", "127.0.0.1"]))
        == [("media", "warn")] * 2
    )
    assert states(network.judge_media(changed(settings, media_port=40000), ["1.1.1.1"])) == []


def test_certificates_are_judged(settings: Settings, tmp_path: Path) -> None:
    certificate, key = local_certificate.local_certificate(tmp_path, ["127.0.0.1"], NOW)
    chosen = changed(settings, tls_cert=certificate, tls_key=key)
    assert states(certificates.examine(chosen, NOW)) == []
    assert states(certificates.examine(settings, NOW)) == []
    for days, state in ((-1, "fail"), (380, "warn"), (398, "fail")):
        at = NOW + timedelta(days=days)
        assert states(certificates.examine(chosen, at)) == [("certificate", state)]
    named = changed(chosen, public_url="https://vard.example.se")
    assert "not for vard.example.se" in said(certificates.examine(named, NOW))
    assert states(certificates.examine(changed(chosen, tls_key=certificate), NOW)) == [
        ("certificate", "fail")
    ]
    key.chmod(0o644)
    assert states(certificates.examine(chosen, NOW)) == [("certificate", "fail")]
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    assert certificates.judge_names(found, "patient.localhost").state is State.OK
    assert certificates.judge_names(found, "localhost.example").state is State.FAIL


def test_network_file_systems_are_known() -> None:
    mounts = "/dev/a / ext4 rw 0 0\nh:/x /srv/my\\040data nfs4 rw 0 0\ntmp /srv tmpfs rw 0 0\n"
    assert storage.file_system(Path("/srv/my data/deep"), mounts) == "nfs4"
    assert storage.file_system(Path("/srv/my"), mounts) == "tmpfs"
    assert storage.file_system(Path("/var/lib"), mounts) == "ext4"


@pytest.fixture
def files(blockbuster: BlockBuster) -> None:
    """A command has no loop; the tests call it in a thread, and look into files."""
    blockbuster.deactivate()


def test_a_damaged_database_is_told(settings: Settings, template: Path) -> None:
    whole = template.read_bytes()
    assert "no database" in said(storage.examine(settings, quick=False))
    settings.data.chmod(0o700)
    settings.database_file.write_bytes(whole)
    assert states(storage.examine(settings, quick=False)) == []
    assert states(storage.examine(settings, quick=True)) == []
    settings.data.chmod(0o755)
    assert states(storage.examine(settings, quick=True)) == [("database", "warn")]
    settings.data.chmod(0o700)
    settings.database_file.write_bytes(whole[:8192] + b"\xff" * 8192 + whole[16384:])
    damaged = list(storage.examine(settings, quick=False))
    assert ("database", "fail") in states(damaged)
    assert "is damaged" in said(damaged)
    settings.database_file.write_bytes(b"no database at all" * 300)
    whatever = examine(settings, {}, NOW, quick=True)
    assert ("database", "fail") in states(whatever)
    # And everything else was looked at all the same.
    assert {"settings", "disk", "port"} <= {each.check for each in whatever}


async def test_both_engines_are_looked_at_while_they_run(
    files: None, database: Database, people: People, settings: Settings
) -> None:
    settings.data.chmod(0o700)
    here = settings
    if isinstance(database.backend, PostgresBackend):
        here = changed(settings, database_url=SecretStr(database.backend.url.dsn))

    def look() -> list[Finding]:
        return list(storage.examine(here, quick=False))

    patient = await people.patient()
    actor = await people.actor(patient)
    await database.write(audit.record, actor, patient.id, "read", "visit", "v")
    # The tests' own cluster is not durable: that is what it is told of, and nothing else.
    durable = [] if here is settings else [("database", "fail")]
    assert states(found := await asyncio.to_thread(look)) == durable, found
    if durable:
        assert "fsync" in said(found)
    await database.write(
        lambda uow: uow.conn.execute(sa.text("UPDATE access_heads SET seq = 2")).close()
    )
    assert ("access log", "fail") in states(await asyncio.to_thread(look))
    await database.write(
        lambda uow: uow.conn.execute(
            sa.text("UPDATE alembic_version SET version_num = 'f00d'")
        ).close()
    )
    assert "newer vardrum" in said(await asyncio.to_thread(look))
    await database.write(
        lambda uow: uow.conn.execute(
            sa.text("UPDATE alembic_version SET version_num = '0009'")
        ).close()
    )
    assert "`vardrum migrate`" in said(await asyncio.to_thread(look))


def test_postgres_is_judged_by_what_it_says() -> None:
    good = storage.PostgresState(150004, "UTF8", "on", "on", "on", 100, 10, 0.1)

    def judged(**values: Any) -> list[tuple[str, str]]:
        return states(storage.judge_postgres(replace(good, **values)))

    assert judged() == []
    assert judged(version=120010) == [("database", "fail")]
    assert judged(encoding="SQL_ASCII") == [("database", "fail")]
    assert judged(fsync="off", pages="off") == [("database", "fail")]
    assert judged(synchronous="off") == [("database", "fail")]
    assert judged(synchronous="remote_apply") == []
    assert judged(taken=81) == [("database", "warn")]
    assert judged(apart=3.0) == [("clock", "fail")]
    assert states([storage.judge_nodes(0), storage.judge_nodes(2)]) == [("media", "fail")]


@pytest.mark.postgres
def test_the_dump_program_must_be_there_and_new_enough(
    postgres: Databases, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert states([storage.judge_dump(130000)]) == []
    assert "postgresql-client-99" in said([storage.judge_dump(990000)])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "not installed" in said([storage.judge_dump(130000)])
    monkeypatch.setenv("PATH", os.defpath)
    nowhere = parse(f"postgresql://u:{PASSWORD}@/d?host=/nowhere")
    gone = changed(settings, database_url=SecretStr(nowhere.dsn))
    found = examine(gone, {}, NOW, quick=True)
    assert "No PostgreSQL answers at /nowhere" in said(found)
    assert PASSWORD not in said(found)


def test_a_turn_server_that_does_not_answer_is_told(settings: Settings) -> None:
    def asked(url: str) -> list[tuple[str, str]]:
        chosen = changed(settings, port=0, metrics_port=-1, turn_urls=(url,))
        return states(network.examine(chosen))

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert asked(f"turns:127.0.0.1:{port}") == asked(f"turn:127.0.0.1:{port}") == []
    assert asked(f"turn:127.0.0.1:{port}?transport=tcp") == [("turn", "warn")]


@pytest.mark.redis
def test_redis_is_looked_at_where_there_is_one(settings: Settings) -> None:
    def looked(url: str) -> list[State]:
        postgres = SecretStr("postgresql://a:b@127.0.0.1/c")
        there = settings.model_copy(update={"redis_url": SecretStr(url), "database_url": postgres})
        return [finding.state for finding in bus.examine(there)]

    assert list(bus.examine(settings)) == []
    with RedisServer(password="hemligt") as running:
        assert looked(running.url) == [State.OK]
        assert looked(f"redis://127.0.0.1:{running.port}") == [State.FAIL]
    assert looked(running.url) == [State.FAIL]
    # Far away and unencrypted: told beside that it does not answer.
    assert looked("redis://redis.invalid:1") == [State.FAIL, State.WARN]
