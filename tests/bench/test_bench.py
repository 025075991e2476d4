"""The benchmarks work and their invariants can break; how fast anything is, no test says."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from server.kit.db import Database
from tests.bench import claims, logins, media, soak
from tests.bench.__main__ import main
from tests.bench.crowd import fill, tally
from tests.bench.journey import run as journey
from tests.bench.outages import browser
from tests.bench.outages import run as outages
from tests.bench.relay import run as relay
from tests.bench.relay.run import Plan
from tests.bench.report import Report
from tests.bench.signaling import run as signaling


@pytest.fixture
def blockbuster() -> None:
    """Off: a benchmark's own loop may read files; nobody waits for it."""


def test_a_ratio_pairs_the_rounds() -> None:
    report = Report("some")
    for ours, theirs in ((10.0, 5.0), (30.0, 10.0), (8.0, 2.0)):
        report.reading("ours", "jobs", ours, "/s")
        report.reading("theirs", "jobs", theirs, "/s")
    report.compare("jobs", "ours", "theirs", goal=2.5)
    report.compare("jobs", "theirs", "ours", goal=2, less_is_better=True)
    report.compare("jobs", "ours", "nobody", goal=1)
    first, second = report.ratios
    assert (first.ratio, first.met) == (3.0, True)
    assert (second.ratio, second.met) == (3.0, True)
    assert report.arms[0].value == 10.0
    assert (report.arms[0].least, report.arms[0].most) == (8.0, 30.0)


def test_a_missed_goal_is_said_and_a_broken_invariant_fails(tmp_path: Path) -> None:
    report = Report("some")
    report.reading("ours", "jobs", 1.0, "/s")
    report.reading("theirs", "jobs", 2.0, "/s")
    report.compare("jobs", "ours", "theirs", goal=1)
    report.holds("nothing lost", held=True)
    assert report.finish(tmp_path)
    told = json.loads((tmp_path / "some.json").read_text())
    assert [each["met"] for each in told["ratios"]] == [False]
    report.holds("nothing lost", held=False)
    report.holds("nothing lost", held=True)
    assert not report.finish(tmp_path)
    assert not Report("nothing was checked").finish(tmp_path)


def test_a_name_that_no_benchmark_has() -> None:
    assert main(["claim"]) == 2


async def test_the_tally_finds_who_was_lost_and_what_was_told_wrongly(database: Database) -> None:
    await database.write(fill, 3, 1)
    found = await database.read(tally, [("no-such-ticket", "nobody")])
    assert (found.lost, found.twice, found.untold) == (3, 0, 4)


def _held(report: Report) -> None:
    assert report.invariants
    assert report.invariants == dict.fromkeys(report.invariants, True)
    assert report.ratios


def test_logins_in_small() -> None:
    _held(logins.run(rounds=1, seconds=1.5))


def test_media_in_small() -> None:
    _held(media.run(visits=1, rounds=1, seconds=1.5))


def test_relay_in_small() -> None:
    plan = Plan(
        rounds=1, steps=(1,), climb=(2,), people=(3,), groups=1, joins=1, seconds=1, warm=0.5,
        late=math.inf,
    )  # fmt: skip
    _held(relay.run(plan))


def test_outages_in_small() -> None:
    short = (0.5, browser.SHORT)
    report = outages.run(outages.Plan(rounds=1, visits=2, outages=(short,)))
    assert len(report.invariants) == 7
    assert report.invariants == dict.fromkeys(report.invariants, True)
    assert [ratio.against for ratio in report.ratios] == ["aiortc by itself"]
    assert len(report.wishes) == 6
    assert all(limit.value > 0 for limit in report.wishes)


def test_soak_in_small() -> None:
    report = soak.run(soak.Load(visits=5, at_once=3, seconds=4.0))
    assert report.invariants == dict.fromkeys(report.invariants, True)


def test_claims_in_small() -> None:
    _held(claims.run(waiting=40, clinicians=4, rounds=1))


def test_journeys_in_small() -> None:
    report = journey.run(journey.Plan(lanes=((1, 1), (2, 3)), sockets=4, warm=1, rounds=1))
    _held(report)
    assert len(report.invariants) == 11 * len(journey.ARMS)
    for name in journey.ARMS:
        figures = {arm.what: arm.value for arm in report.arms if arm.arm == name}
        assert figures[journey.CPU] > 0
        assert figures[journey.MESSAGE] > 0
        assert figures["memory, with 4 sockets"] >= figures[journey.IDLE] > 0
        assert figures["2 at a time: take, median"] > 0
    # Four goals for each, and beside the given figures of the peer.
    assert len(report.wishes) == len(report.ratios) == 4 * len(journey.ARMS)


def test_signaling_in_small() -> None:
    """Without Node, whose packages no test fetches."""
    plan = signaling.Plan(
        homes=2, sockets=6, talking=4, echoes=5, relays=5, lines=3, rounds=1
    )  # fmt: skip
    report = signaling.run(plan, with_node=False)
    _held(report)
    assert report.absent == [signaling.NODE]
    assert len(report.invariants) == 2 * 3
    figures = {(arm.arm, arm.what): arm.value for arm in report.arms}
    # The offer to deflate is declined, for it costs a client 100 KB.
    assert figures[signaling.OURS, "sockets that deflate"] == 0
    assert figures[signaling.PLAIN, "sockets that deflate"] == 12
    assert {ratio.against for ratio in report.ratios} == {signaling.PLAIN}
