"""What a benchmark says: a table for people, JSON for machines, and whether what must hold held.

Times and ratios never fail a run, for they depend on the machine; a broken invariant does.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "bench"


@dataclass(frozen=True)
class Arm:
    """One figure of one arm: the median over the run's rounds, and how far they lay apart."""

    arm: str
    what: str
    value: float
    unit: str
    least: float
    most: float


@dataclass(frozen=True)
class Ratio:
    """Our figure against another arm's. `ratio` above 1 means that ours is better."""

    what: str
    ours: str
    against: str
    ratio: float
    goal: float
    met: bool


@dataclass(frozen=True)
class Limit:
    """Our figure against one that is wished for."""

    what: str
    arm: str
    value: float
    most: float
    met: bool


@dataclass(frozen=True)
class Invariant:
    """Something that must hold in every round, whatever the speed."""

    what: str
    held: bool


@dataclass
class Report:
    """Collects readings round by round."""

    name: str
    readings: dict[tuple[str, str, str], list[float]] = field(default_factory=dict)
    invariants: dict[str, bool] = field(default_factory=dict)
    goals: list[tuple[str, str, str, float, bool]] = field(default_factory=list)
    limits: list[tuple[str, str, float]] = field(default_factory=list)
    voided: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def reading(self, arm: str, what: str, value: float, unit: str) -> None:
        """One round's figure of an arm."""
        self.readings.setdefault((arm, what, unit), []).append(value)

    def holds(self, what: str, held: bool) -> None:
        """One round's word on an invariant: once broken it stays broken."""
        self.invariants[what] = self.invariants.get(what, True) and held

    def compare(
        self, what: str, ours: str, against: str, goal: float, *, less_is_better: bool = False
    ) -> None:
        """Ask for the ratio of two arms' figures, paired round by round."""
        self.goals.append((what, ours, against, goal, less_is_better))

    def at_most(self, what: str, arm: str, most: float) -> None:
        """Ask whether a figure (the rounds' median) is as small as is wished for."""
        self.limits.append((what, arm, most))

    def void(self, why: str) -> None:
        """Say that a round counts for nothing, and why."""
        self.voided.append(why)

    def lacks(self, peer: str) -> None:
        """Say that a peer is not here; it is never assumed."""
        self.absent.append(peer)

    @property
    def arms(self) -> list[Arm]:
        """The figures, arm by arm."""
        return [
            Arm(arm, what, statistics.median(values), unit, min(values), max(values))
            for (arm, what, unit), values in self.readings.items()
        ]

    @property
    def ratios(self) -> list[Ratio]:
        """The ratios that were asked for and whose arms both ran."""
        found = []
        for what, ours, against, goal, less_is_better in self.goals:
            pairs = list(zip(self._of(ours, what), self._of(against, what), strict=False))
            if not pairs:
                continue
            each = [(b / a if less_is_better else a / b) if a and b else 0.0 for a, b in pairs]
            ratio = statistics.median(each)
            found.append(Ratio(what, ours, against, ratio, goal, ratio >= goal))
        return found

    @property
    def wishes(self) -> list[Limit]:
        """The limits that were asked for and whose arm ran."""
        found = []
        for what, arm, most in self.limits:
            if values := self._of(arm, what):
                value = statistics.median(values)
                found.append(Limit(what, arm, value, most, value <= most))
        return found

    def _of(self, arm: str, what: str) -> Sequence[float]:
        for (name, figure, _), values in self.readings.items():
            if (name, figure) == (arm, what):
                return values
        return ()

    def finish(self, folder: Path = FOLDER) -> bool:
        """Print the table and write the JSON; whether every invariant held."""
        print(f"\n{self.name}: {_cores()} cores, commit {_commit()}")  # noqa: T201
        for line in self.table():
            print(line)  # noqa: T201
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.json").write_text(json.dumps(self.as_json(), indent=1) + "\n")
        return bool(self.invariants) and all(self.invariants.values())

    def as_json(self) -> dict[str, object]:
        """The report as it is written to `build/bench/<name>.json`."""
        return {
            "name": self.name,
            "commit": _commit(),
            "cores": _cores(),
            "arms": [asdict(arm) for arm in self.arms],
            "ratios": [asdict(ratio) for ratio in self.ratios],
            "limits": [asdict(limit) for limit in self.wishes],
            "voided": self.voided,
            "invariants": [asdict(Invariant(*each)) for each in self.invariants.items()],
            "absent": self.absent,
        }

    def table(self) -> list[str]:
        """The report in lines for a terminal."""
        lines = [
            f"  {arm.arm:<34} {arm.what:<30} {arm.value:>10.4g} {arm.unit:<9}"
            f" ({arm.least:.4g}–{arm.most:.4g})"
            for arm in self.arms
        ]
        lines += [
            f"  {ratio.what}: {ratio.ours} against {ratio.against}: {ratio.ratio:.1f} times better"
            f" (goal {ratio.goal:g}: {'met' if ratio.met else 'MISSED'})"
            for ratio in self.ratios
        ]
        lines += [
            f"  {limit.arm}, {limit.what}: {limit.value:.3g}"
            f" (goal at most {limit.most:g}: {'met' if limit.met else 'MISSED'})"
            for limit in self.wishes
        ]
        lines += [f"  void: {why}" for why in self.voided]
        lines += [
            f"  {'held  ' if held else 'BROKEN'} {what}" for what, held in self.invariants.items()
        ]
        lines += [f"  absent: {peer}" for peer in self.absent]
        return lines


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which `part` (0–1) of the values lie; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"
