"""What operators are given is true: alerts and panels on metrics that exist, units that start.

Most checks here need nothing but Python. `systemd-analyze` and `promtool` have their say as well,
about the grammar that only they know whole.
"""

from __future__ import annotations

import configparser
import importlib
import json
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from server.app.metrics import _State
from server.kit.backend import Failures
from server.kit.settings import PREFIX, Settings
from server.main.cli import parser
from signaling import metrics as socket_metrics
from signaling.namespaces.dispatch import Failed
from signaling.worker.gauges import MediaGauges
from tests.server.main.command import Vardrum, address_in, fetch

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "infra/prometheus/rules.yml"
DASHBOARD = ROOT / "infra/grafana/vardrum.json"
UNITS = sorted(
    path for path in (ROOT / "infra/systemd").iterdir() if path.suffix in (".service", ".timer")
)
OPERATIONS = ROOT / "docs/operations.md"
# By another test's dependency; it has no types of its own.
yaml: Any = importlib.import_module("yaml")

_WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "bool", "offset"}
_FROM_PROMETHEUS = {"up": {"job", "instance"}}
_TARGET = {"job", "instance"}
_SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",), "gauge": ("",)}


@dataclass(frozen=True)
class Shown:
    """What a running server shows: the labels of each series, and their values."""

    series: dict[str, set[str]]
    values: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def missing(self, expression: str) -> list[str]:
        """What the expression names and is not there: series, and labels of them."""
        names, labels = parts(expression)
        assert names, expression
        unknown = [name for name in names if name not in self.series]
        known = set().union(*(self.series.get(name, set()) for name in names)) | _TARGET
        return [*unknown, *(f"label {label}" for label in sorted(labels - known))]


def parts(expression: str) -> tuple[list[str], set[str]]:
    """The series and the labels that a PromQL expression names."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)
    labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"\"", text))
    for group in re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", text):
        labels |= set(re.findall(r"\w+", group))
    text = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring)\s*\([^)]*\)", " ", text)
    names = re.findall(r"\b([a-zA-Z_:][\w:]*)\b(?!\s*\()", text)
    return [name for name in names if name not in _WORDS], labels


def declared() -> Iterator[tuple[str, set[str]]]:
    """The labels of what has no sample yet to tell them by: nobody is in a call, nobody asked."""
    for each in vars(socket_metrics).values():
        if isinstance(each, MetricWrapperBase):
            yield each._name, set(each._labelnames)
    backend = SimpleNamespace(waiting=0, units=0, groups=0, failures=Failures())
    idle: Any = SimpleNamespace(backend=backend)
    nobody: Any = None
    for collector in (MediaGauges(nobody), _State(idle)):
        for family in collector.collect():
            yield family.name, set(getattr(family, "_labelnames", ()))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The metrics of a server that was just started, with a media worker."""
    vardrum = Vardrum(tmp_path_factory.mktemp("operations"))
    process, said = vardrum.serve("--demo", media_address="127.0.0.1")
    try:
        local = address_in(said, "Patients:").replace("patient.localhost", "127.0.0.1")
        assert fetch(f"{local}/health/ready")[0] == 200
        text = fetch(address_in(said, "Metrics:"))[1].decode()
    finally:
        vardrum.stop(process, signal.SIGKILL)
    series: dict[str, set[str]] = dict(_FROM_PROMETHEUS)
    values: dict[tuple[str, str], set[str]] = {}
    for family in text_string_to_metric_families(text):
        for suffix in _SUFFIXES.get(family.type, ("",)):
            series[family.name + suffix] = {"le"} if suffix == "_bucket" else set()
        for sample in family.samples:
            series.setdefault(sample.name, set()).update(sample.labels)
            for label, value in sample.labels.items():
                values.setdefault((sample.name, label), set()).add(value)
    for family_name, labels in declared():
        for name in [name for name in series if name.startswith(family_name)]:
            series[name] |= labels
    return Shown(series, values)


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return found


def test_the_parts_of_an_expression_are_found() -> None:
    names, labels = parts(
        'sum by (way) (rate(a_bucket{job="x", le="0.05"}[5m])) / on (i) b > 0.2 and c == 1e3'
    )
    assert (names, labels) == (["a_bucket", "b", "c"], {"way", "job", "le", "i"})
    known = Shown({"a_bucket": {"le"}, "b": set()})
    assert known.missing('rate(a_bucket{le="1"}[5m]) / b') == []
    assert known.missing('a_bucket{why="b"} / d') == ["d", "label why"]


def test_alerts_stand_on_metrics_that_exist(shown: Shown) -> None:
    found = rules()
    assert len(found) > 10
    wrong = {rule["alert"]: missing for rule in found if (missing := shown.missing(rule["expr"]))}
    assert wrong == {}
    names = [rule["alert"] for rule in found]
    assert len(set(names)) == len(names)
    for rule in found:
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]
        assert rule["annotations"].keys() == {"summary", "do"}, rule["alert"]
        # One bad look must call nobody at night.
        assert "for" in rule or re.search(r"\[(30m|1h|5m)\]", rule["expr"]), rule["alert"]
        # A threshold: an expression without one is always true.
        assert re.search(r"(>|<|==|>=)\s*[\d.e]+", rule["expr"]), rule["alert"]


def test_what_is_compared_with_exists(shown: Shown) -> None:
    """Values of labels that the program fixes: a misspelt one would never match."""
    expressions = [rule["expr"] for rule in rules()]
    expressions += [target["expr"] for each in panels() for target in each.get("targets", ())]
    asked = {
        (name, label, value)
        for expression in expressions
        for name, inside in re.findall(r"(\w+)\{([^}]*)\}", expression)
        for label, values in re.findall(r'(le|state|why|way|answer)\s*=~?\s*"([^"]*)"', inside)
        for value in values.split("|")
    }
    assert len(asked) > 5
    # Answers are counted once they were given; these are what the dispatcher gives.
    answers = {Failed.code, "timeout"}
    wrong = [
        each
        for each in sorted(asked)
        if each[2] not in (answers if each[1] == "answer" else shown.values.get(each[:2], ()))
    ]
    assert wrong == []


def test_panels_stand_on_metrics_that_exist(shown: Shown) -> None:
    found = [each for each in panels() if each["type"] != "row"]
    assert len(found) > 15
    wrong = {
        panel["title"]: missing
        for panel in found
        for target in panel["targets"]
        if (missing := shown.missing(target["expr"]))
    }
    assert wrong == {}


def test_the_dashboard_is_laid_out() -> None:
    ids = [each["id"] for each in panels()]
    assert len(set(ids)) == len(ids)
    covered: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not covered & cells, panel["title"]
        covered |= cells
        if panel["type"] != "row":
            # Whatever the source is called there.
            assert panel["datasource"]["uid"] == "${datasource}"
            assert panel["fieldConfig"]["defaults"]["unit"]


def test_promtool_has_nothing_to_say() -> None:
    done = subprocess.run(
        ["promtool", "check", "rules", str(RULES)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rules found" in done.stdout


# What systemd 252 (Debian 12) knows, of what we use: a directive that is misspelt is ignored.
_DIRECTIVES = {
    "Unit": "Description Documentation Wants After",
    "Service": "Type User Group WorkingDirectory StateDirectory StateDirectoryMode UMask"
    " Environment EnvironmentFile ExecStart KillMode TimeoutStopSec Restart RestartSec"
    " LimitNOFILE Nice IOSchedulingClass NoNewPrivileges CapabilityBoundingSet ProtectSystem"
    " ProtectHome PrivateTmp PrivateDevices ProtectClock ProtectControlGroups ProtectHostname"
    " ProtectKernelLogs ProtectKernelModules ProtectKernelTunables LockPersonality"
    " RestrictNamespaces RestrictRealtime RestrictSUIDSGID RestrictAddressFamilies"
    " SystemCallArchitectures SystemCallFilter SystemCallErrorNumber ReadWritePaths",
    "Timer": "OnCalendar RandomizedDelaySec Persistent",
    "Install": "WantedBy",
}


def unit(path: Path) -> configparser.ConfigParser:
    """A unit; systemd's files are of the same form, as long as no directive comes twice."""
    read = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(path.read_text())
    return read


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_say_what_systemd_and_we_know(path: Path) -> None:
    read = unit(path)
    unknown = [
        f"{section}.{name}"
        for section in read.sections()
        for name in read[section]
        if name not in _DIRECTIVES.get(section, "").split()
    ]
    assert unknown == []
    if not path.name.endswith(".service"):
        assert path.with_suffix(".service") in UNITS
        return
    service = read["Service"]
    for chosen in shlex.split(service["Environment"]):
        name = chosen.partition("=")[0]
        assert name.removeprefix(PREFIX).lower() in Settings.model_fields or (
            not name.startswith(PREFIX)
        )
    program, *arguments = shlex.split(service["ExecStart"])
    assert (program, arguments[:2]) == ("/opt/vardrum/.venv/bin/python", ["-m", "server.main"])
    # Ends the test when the command or one of its arguments is none of ours.
    assert parser().parse_args(arguments[2:]).command
    # The service can write where it is told to keep its data, and nowhere else.
    assert service["ProtectSystem"] == "strict"
    writable = f"/var/lib/{service.get('StateDirectory', '')} {service.get('ReadWritePaths', '')}"
    assert "VARDRUM_DATA=/var/lib/vardrum" in service["Environment"]
    assert "/var/lib/vardrum" in writable


def test_there_are_units() -> None:
    assert [path.name for path in UNITS] == [
        "vardrum-backup.service", "vardrum-backup.timer", "vardrum-media.service",
        "vardrum.service", "vardrum@.service",
    ]  # fmt: skip


def test_systemd_has_nothing_to_say(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    assert analyze is not None, "infra/system-packages.sh installs it"
    for path in UNITS:
        # The program is not installed here, which is all that may be wrong.
        text = path.read_text().replace("/opt/vardrum/.venv/bin/python", shutil.which("true") or "")
        (tmp_path / path.name).write_text(text.replace("WorkingDirectory=/opt/vardrum\n", ""))
    done = subprocess.run(
        [analyze, "verify", "--man=no", *(str(tmp_path / path.name) for path in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "vardrum" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


def test_the_paper_names_every_command_and_alert() -> None:
    """And no setting that there is not."""
    paper = OPERATIONS.read_text()
    commands = {
        name
        for action in parser()._subparsers._group_actions  # type: ignore[union-attr]
        for name in action.choices or ()
    }
    assert [name for name in sorted(commands) if f"`vardrum {name}" not in paper] == []
    named = set(re.findall(r"\bVARDRUM_[A-Z_]+\b", paper))
    assert named - {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} == set()
    alerts = {rule["alert"] for rule in rules()}
    assert alerts - set(re.findall(r"\bVardrum[A-Z]\w+", paper)) == set()
    assert set(re.findall(r"\bVardrum[A-Z]\w+", paper)) - alerts == set()


def test_what_alerts_refer_to_can_be_read() -> None:
    told = (ROOT / "docs" / "operations.md").read_text()
    named = re.findall(r"docs/operations\.md, '([^']+)'", RULES.read_text())
    assert named
    assert [each for each in named if each not in told] == []
