"""The command line of the journeys. See `run`."""

from __future__ import annotations

import argparse
import sys

from tests.bench.journey.run import ARMS, Plan, run

parser = argparse.ArgumentParser(prog="python -m tests.bench.journey")
parser.add_argument("--only", choices=ARMS, help="on this database alone")
parser.add_argument("--rounds", type=int, default=Plan.rounds)
asked = parser.parse_args()
arms = (asked.only,) if asked.only else ARMS
sys.exit(0 if run(Plan(rounds=asked.rounds), arms).finish() else 1)
