"""Ten thousand inputs for every target; and that harm is noticed, saved and can be seen again."""

import json
import logging
import os
from pathlib import Path
from random import Random
from typing import ClassVar

import pytest
from typing_extensions import override

from server.kit.log import get_logger
from server.kit.tasks import spawn
from tests.fuzz import __main__ as command
from tests.fuzz import harness, targets
from tests.fuzz.harness import Found, Target, run
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.fuzz

COUNT = int(os.environ.get("FUZZ_COUNT", "10000"))


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_escapes_and_nothing_is_kept(name: str) -> None:
    kind = TARGETS[name]
    result = run(kind, seed=20_261, count=COUNT)
    missed = {each for each in kind.reaches if not result.outcomes[each]}
    assert COUNT < 10_000 or not missed, f"never seen: {missed} of {result.outcomes}"


class Harmless(Target):
    """Stands for a parser that does nothing wrong."""

    name = "harmless"
    harm: ClassVar[list[bytes]] = []

    @override
    def make(self, rng: Random) -> bytes:
        return rng.randbytes(8)

    @override
    async def take(self, data: bytes) -> str:
        if data[0] == 7:
            self.hurt(data)
        return "taken"

    def hurt(self, data: bytes) -> None:
        """What one in 256 inputs does."""


class Raises(Harmless):
    @override
    def hurt(self, data: bytes) -> None:
        raise KeyError(data[1])


class Logs(Harmless):
    @override
    def hurt(self, data: bytes) -> None:
        try:
            raise KeyError(data[1])
        except KeyError as error:
            get_logger(__name__).error("something.failed", error=error)


class LogsByLibrary(Harmless):
    @override
    def hurt(self, data: bytes) -> None:
        logging.getLogger("some.library").error("escaped")


class FailsLater(Harmless):
    @override
    def hurt(self, data: bytes) -> None:
        async def fail() -> None:
            raise KeyError(data[1])

        _ = spawn(fail(), "fails")


class Keeps(Harmless):
    """Keeps a little of every input."""

    @override
    async def take(self, data: bytes) -> str:
        self.harm.append(bytes(data))
        return "taken"


class KeepsLarge(Harmless):
    """Keeps few, but large, pieces."""

    @override
    def hurt(self, data: bytes) -> None:
        self.harm.append(bytes(100_000))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(harness, "FOUND", tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", [Raises, Logs, LogsByLibrary, FailsLater, Keeps, KeepsLarge])
def test_harm_is_found_and_can_be_seen_again(
    kind: type[Harmless], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "harm", [])
    with pytest.raises(Found, match="--replay"):
        run(kind, seed=5, count=10_000)
    (file,) = folder.iterdir()
    case = json.loads(file.read_text())
    if issubclass(kind, (Keeps, KeepsLarge)):
        assert "memory is kept" in case["what"]
        assert "bytes" in case["what"]
        return
    # What fails later is found at the input after.
    assert kind is FailsLater or bytes.fromhex(case["input"])[0] == 7
    monkeypatch.setitem(targets.TARGETS, "harmless", kind)
    with pytest.raises(Found):
        command.main(["--replay", str(file)])
    monkeypatch.setitem(targets.TARGETS, "harmless", Harmless)
    assert command.main(["--replay", str(file)]) == 0


def test_what_does_no_harm_passes(folder: Path) -> None:
    assert run(Harmless, seed=5, count=10_000).outcomes == {"taken": 10_000}
    assert not list(folder.iterdir())


def test_input_is_the_same_wherever_it_begins() -> None:
    class Notes(Harmless):
        seen: ClassVar[list[bytes]] = []

        @override
        async def take(self, data: bytes) -> str:
            self.seen.append(data)
            return "taken"

    run(Notes, seed=3, count=100)
    whole, Notes.seen = Notes.seen, []
    run(Notes, seed=3, first=60, count=40)
    assert Notes.seen == whole[60:]
    Notes.seen = []
    run(Notes, seed=4, count=100)
    assert not set(Notes.seen) & set(whole)
