"""Every contract of import-linter can fail: a wrong import for each, and all are seen."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Contract → who imports what wrongly. The first of a chain names the culprit in the report.
WRONG = {
    "signaling sits above server": ("server.app.health", "signaling.pace"),
    "slice order": ("server.queueing.rules", "server.visits.errors"),
    "inside a slice": ("server.visits.service_common", "server.visits.service_notes"),
    "payloads know no use case": ("server.clinics.payloads", "server.clinics.store"),
    "domain is pure": ("server.queueing.rules", "sqlalchemy"),
    "what decides calls and presence is pure": ("signaling.rooms.call_states", "asyncio"),
    "services know no transport": ("server.visits.service_desk", "aiohttp"),
    "inside signaling": ("signaling.outgoing", "signaling.auth"),
    "signaling writes no SQL": ("signaling.namespaces.sync", "sqlalchemy"),
    "media workers hold no business code": ("signaling.worker.lines", "server.accounts.domain"),
    "rooms speak to media through a port": ("signaling.rooms.legs", "signaling.media.limits"),
    "aiortc behind one door": ("signaling.media.leg", "aiortc"),
    "socketio behind the socket's doors": ("signaling.pace", "socketio"),
}


def declared() -> list[str]:
    """The names of the contracts."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return [contract["name"] for contract in settings["contracts"]]


def test_every_contract_can_fail(tmp_path: Path) -> None:
    for package in ("server", "signaling"):
        shutil.copytree(
            ROOT / package,
            tmp_path / package,
            ignore=shutil.ignore_patterns("__pycache__", "static"),
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for importer, imported in WRONG.values():
        path = tmp_path / (importer.replace(".", "/") + ".py")
        path.write_text(f"{path.read_text()}\nimport {imported}\n")
    # A file that nobody has found a place for.
    (tmp_path / "server" / "visits" / "helpers.py").write_text('"""?"""\n')
    command = "import sys; from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    report = done.stdout
    assert set(WRONG) == set(declared())
    assert {name for name in WRONG if f"\n{name} BROKEN" not in report} == set()
    # After the summary stand the details, contract by contract.
    details = re.split(r"\n([^\n]+)\n-{4,}\n", report)
    sections = dict(zip(details[1::2], details[2::2], strict=True))
    for name, (importer, imported) in WRONG.items():
        assert f"{importer} -> {imported}" in sections[name], name
    assert "server.visits.helpers" in sections["inside a slice"]
