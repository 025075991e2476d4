"""`vardrum create-admin`: beside a running server on the embedded database, and without one."""

import signal
from pathlib import Path

import pytest

from server.main import cli
from tests.server.main.command import Vardrum

ADA = ("create-admin", "ada", "Ada Alm", "--title", "Chef")


@pytest.fixture
def blockbuster() -> None:
    """A command has a loop of its own, on which nothing else waits."""


def _refused(vardrum: Vardrum, *said: str, stdin: str = "") -> str:
    code, out, told = vardrum.run(*said, stdin=stdin)
    assert (code, out) == (1, "")
    assert told.startswith("vardrum: ")
    assert told.count("\n") == 1
    return told


def test_the_first_administrator_without_a_server(vardrum: Vardrum) -> None:
    assert "8 characters" in _refused(vardrum, *ADA, stdin="kort\n")
    assert "name needs" in _refused(vardrum, "create-admin", "ada", stdin="långt nog\n")
    code, made, told = vardrum.run(*ADA, stdin="långt nog\n", log_level="INFO")
    assert (code, len(made.strip())) == (0, 36)
    # Who made it is told, and nobody's name.
    assert ("account.administrator" in told, made.strip() in told, "Ada" in told) == (
        True, True, False,
    )  # fmt: skip
    assert "--existing" in _refused(vardrum, *ADA, stdin="långt nog\n")


def test_beside_a_server_that_runs(vardrum: Vardrum) -> None:
    process, said = vardrum.serve("--demo")
    assert "administrator" in said
    assert vardrum.run(*ADA, stdin="långt nog\n")[0] == 0
    assert "is taken" in _refused(vardrum, *ADA, stdin="långt nog\n")
    assert vardrum.run("create-admin", "Maria.Holmvik", "--existing")[0] == 0
    for nobody in ("finns.inte", "astrid"):
        told = _refused(vardrum, "create-admin", nobody, "--existing")
        assert f"the username {nobody}" in told
    assert "leave them out" in _refused(vardrum, *ADA, "--existing")
    assert vardrum.stop(process, signal.SIGTERM)[1] == 0


def test_it_is_explained(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        cli(["create-admin", "--help"])
    assert ended.value.code == 0
    assert "--existing" in capsys.readouterr().out
