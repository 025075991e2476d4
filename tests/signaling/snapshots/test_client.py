"""The client's own code applies the hints: traces recorded just now, lived again in vitest."""

import asyncio
import os
import random
import sys
from pathlib import Path

import orjson
import pytest

from tests.signaling.snapshots.cast import LeapingClock
from tests.signaling.snapshots.traces import record
from tests.signaling.snapshots.walk import some_moves, thorough
from tests.signaling.stage import Stage

ROOT = Path(__file__).parents[3]
WALKS = 1
MOVES = 25


@pytest.mark.property
async def test_the_client_holds_what_a_fetch_would_give(
    stage: Stage, clock: LeapingClock, tmp_path: Path
) -> None:
    # Seeded by pytest-randomly, which prints the seed that makes the same walks again.
    chance = random.Random(random.random())
    traces = await record(stage, clock, thorough(), "what hints tell of")
    for number in range(WALKS):
        traces += await record(stage, clock, some_moves(chance, MOVES), f"walk {number}")
    assert {hint["event"] for trace in traces for hint in trace["hints"]} >= {
        "ticket.changed",
        "visit.changed",
        "queue.changed",
        "guest.changed",
        "message.posted",
        "presence.changed",
    }
    file = tmp_path / "traces.json"
    written = orjson.dumps({"seed": chance.randrange(2**32), "traces": traces})
    await asyncio.to_thread(file.write_bytes, written)
    await _replay(file)


async def _replay(file: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        ROOT / "infra" / "build_client.py",
        "test",
        cwd=ROOT,
        env=os.environ | {"VARDRUM_TRACES": str(file), "NO_COLOR": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()[-20_000:]
