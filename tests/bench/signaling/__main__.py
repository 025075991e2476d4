"""The command line of the signalling benchmark. See `run`."""

from __future__ import annotations

import argparse
import sys

from tests.bench.signaling.run import Plan, run

parser = argparse.ArgumentParser(prog="python -m tests.bench.signaling")
parser.add_argument("--without-node", action="store_true", help="the arms in Python alone")
parser.add_argument("--rounds", type=int, default=Plan.rounds)
asked = parser.parse_args()
report = run(Plan(rounds=asked.rounds), with_node=not asked.without_node)
sys.exit(0 if report.finish() else 1)
