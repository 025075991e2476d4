"""The worker as a real process: its start, its end, and its parent's."""

import asyncio
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signaling.rooms.media_port import (
    BadSdp,
    LegSlotsChanged,
    LegStateChanged,
    MediaError,
    MediaEvent,
    MediaFull,
    MediaUnavailable,
    NoSuchLeg,
)
from signaling.worker.client import WorkerClient
from signaling.worker.place import Place
from signaling.worker.supervisor import Supervisor
from tests.media.peers import Robot, until


@pytest.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(Place(["127.0.0.1"]))
    await supervisor.start()
    yield supervisor
    await supervisor.stop()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_call_through_a_worker(supervisor: Supervisor) -> None:
    events: list[MediaEvent] = []
    supervisor.on_event(events.append)
    patient, clinician = Robot(), Robot()
    for robot, leg, role in ((patient, "p", "patient"), (clinician, "c", "clinician")):
        offer = await supervisor.open_leg("visit", leg, role)
        await supervisor.answer(leg, robot.take(offer))
        await robot.connect()
    for n in range(10):
        patient.send_video(n)
        clinician.send_audio(n)
    await until(lambda: len(clinician.got(clinician.given_video)) == 10)
    await until(lambda: len(patient.got(patient.given_audio)) == 10)
    assert LegStateChanged("p", "visit", "connected") in events
    alone = ("clinician", None, None, None, None)
    assert LegSlotsChanged("p", alone, None, held=False) in events
    await supervisor.present("c", on=True)
    await until(lambda: LegSlotsChanged("p", alone, "clinician", held=False) in events)
    with pytest.raises(NoSuchLeg):
        await supervisor.present("nobody", on=True)
    assert patient.take(await supervisor.restart("p"))
    stats = await supervisor.stats()
    assert stats["legs_open"] == 2
    await supervisor.close_leg("p")
    await supervisor.close_leg("p")  # again is no error
    await until(lambda: LegStateChanged("p", "visit", "closed") in events)
    with pytest.raises(NoSuchLeg):
        await supervisor.restart("p")
    with pytest.raises(BadSdp):
        await supervisor.answer("c", "noise")
    with pytest.raises(BadSdp):
        await supervisor.answer("c", "v" * 100_000)
    patient.vanish()
    clinician.vanish()


async def test_death_is_noticed_and_a_new_worker_comes(supervisor: Supervisor) -> None:
    lost: list[bool] = []
    supervisor.on_lost(lambda: lost.append(True))
    await supervisor.open_leg("visit", "p", "patient")
    pid = supervisor.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: lost)
    with pytest.raises(MediaUnavailable):
        await supervisor.open_leg("visit", "p", "patient")
    await until(lambda: supervisor.ready, within=60)
    assert supervisor.pid != pid
    assert await supervisor.open_leg("visit", "p", "patient")


async def test_a_worker_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VARDRUM_DATABASE_URL", "postgresql://vardrum:hemligt@db/vardrum")
    monkeypatch.setenv("PGPASSWORD", "hemligt")
    monkeypatch.setenv("VARDRUM_LOG_LEVEL", "WARNING")
    supervisor = Supervisor(Place(["127.0.0.1"]))
    await supervisor.start()
    try:
        environment = Path(f"/proc/{supervisor.pid}/environ")
        given = (await asyncio.to_thread(environment.read_bytes)).split(b"\0")
    finally:
        await supervisor.stop()
    assert b"VARDRUM_LOG_LEVEL=WARNING" in given
    assert not [each for each in given if b"hemligt" in each]


async def test_a_worker_that_hangs_is_replaced(supervisor: Supervisor) -> None:
    lost: list[bool] = []
    supervisor.on_lost(lambda: lost.append(True))
    pid = supervisor.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    await until(lambda: lost, within=60)
    await until(lambda: supervisor.ready, within=60)
    assert not alive(pid)


async def test_a_worker_that_is_only_slow_keeps_its_calls(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid, pings = supervisor.pid, 0
    real = WorkerClient.ping

    async def late(client: WorkerClient) -> None:
        nonlocal pings
        pings += 1
        if pings % 3:
            raise MediaUnavailable("no answer in time")
        await real(client)

    monkeypatch.setattr(WorkerClient, "ping", late)
    await until(lambda: pings > 6)
    assert supervisor.pid == pid
    assert supervisor.restarts == 0


async def test_a_worker_that_answers_nonsense_is_replaced(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid, pings = supervisor.pid, 0
    real = WorkerClient.ping

    async def odd(client: WorkerClient) -> None:
        nonlocal pings
        pings += 1
        if pings == 1:
            raise MediaError("internal error")
        await real(client)

    monkeypatch.setattr(WorkerClient, "ping", odd)
    await until(lambda: supervisor.pid not in (None, pid) and supervisor.ready)


async def test_stop_ends_the_worker(supervisor: Supervisor) -> None:
    pid = supervisor.pid
    assert pid is not None
    await supervisor.stop()
    assert not alive(pid)
    with pytest.raises(MediaUnavailable):
        await supervisor.stats()


async def test_a_taken_port_is_told_at_once() -> None:
    first = Supervisor(Place(["127.0.0.1"]))
    await first.start()
    port = (await first.hello())["port"]
    assert isinstance(port, int)
    second = Supervisor(Place(["127.0.0.1"], port))
    with pytest.raises(MediaUnavailable):
        await second.start()
    await first.stop()


class Bare:
    """A worker without a supervisor."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "signaling.worker",
            "--socket", str(self.socket), "--address", "127.0.0.1", "--address", "::1",
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        async with asyncio.timeout(10):
            while True:
                try:
                    self.client = await WorkerClient.connect(self.socket)
                except MediaUnavailable:
                    await asyncio.sleep(0.02)
                else:
                    return

    async def ends(self, within: float) -> int:
        async with asyncio.timeout(within):
            return await self.process.wait()


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[Bare]:
    worker = Bare(tmp_path / "control.sock")
    await worker.start()
    yield worker
    if worker.process.returncode is None:
        worker.process.kill()
        await worker.process.wait()


async def test_the_socket_is_private_and_has_one_parent(bare: Bare) -> None:
    mode = (await asyncio.to_thread(bare.socket.stat)).st_mode
    assert stat.S_IMODE(mode) == 0o600
    hello = await bare.client.hello()
    assert hello["addresses"] == ["127.0.0.1", "::1"]
    with pytest.raises(MediaUnavailable):
        await WorkerClient.connect(bare.socket)
    await bare.client.ping()


async def test_it_ends_when_its_parent_goes(bare: Bare) -> None:
    bare.client.close()
    assert await bare.ends(within=3) == 3
    assert not await asyncio.to_thread(bare.socket.exists)


async def test_without_calls_it_ends_on_sigterm_but_not_on_ctrl_c(bare: Bare) -> None:
    bare.process.send_signal(signal.SIGINT)
    await asyncio.sleep(0.1)
    await bare.client.ping()
    bare.process.send_signal(signal.SIGTERM)
    # Half a second on a quiet machine; the supervisor kills it after `STOP_WITHIN`.
    assert await bare.ends(within=3) == 0
    await bare.client.closed
    with pytest.raises(MediaUnavailable):
        await bare.client.ping()


async def test_with_calls_it_retires_and_ends_when_they_have_moved(bare: Bare) -> None:
    told: list[bool] = []
    bare.client.on_retiring(lambda: told.append(True))
    await bare.client.open_leg("visit", "p", "patient")
    bare.process.send_signal(signal.SIGTERM)
    await until(lambda: told)
    with pytest.raises(MediaFull):
        await bare.client.open_leg("visit", "c", "clinician")
    assert await bare.client.restart("p")
    await bare.client.close_leg("p")
    assert await bare.ends(within=3) == 0


async def test_a_second_sigterm_ends_it_at_once(bare: Bare) -> None:
    await bare.client.open_leg("visit", "p", "patient")
    bare.process.send_signal(signal.SIGTERM)
    await bare.client.ping()
    bare.process.send_signal(signal.SIGTERM)
    assert await bare.ends(within=3) == 0


async def test_a_parent_that_is_killed_leaves_no_orphan(tmp_path: Path) -> None:
    code = (
        "import asyncio\n"
        "from signaling.worker.place import Place\n"
        "from signaling.worker.supervisor import Supervisor\n"
        "async def main():\n"
        "    s = Supervisor(Place(['127.0.0.1']))\n"
        "    await s.start()\n"
        "    print(s.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code,
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(5):
        while alive(pid) and not await asyncio.to_thread(_zombie, pid):
            await asyncio.sleep(0.01)


def _zombie(pid: int) -> bool:
    """Ended, but nobody has collected it: whoever inherits it here may not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] == "Z"
    except OSError:  # collected between the two looks
        return True
