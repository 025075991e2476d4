"""The command line of the peak day. See `run`."""

from __future__ import annotations

import argparse
import sys

from tests.bench.day.plan import Plan
from tests.bench.day.run import ENGINES, PARTS, run

parser = argparse.ArgumentParser(prog="python -m tests.bench.day")
size = parser.add_mutually_exclusive_group()
size.add_argument("--scale", type=float, default=Plan.scale, help="which part of the day, 0–1")
size.add_argument("--full", action="store_const", const=1.0, dest="scale", help="all of it")
parser.add_argument("--only", choices=PARTS, action="append", help="this part; may be repeated")
parser.add_argument("--on", choices=ENGINES, action="append", help="embedded is the default")
asked = parser.parse_args()
report = run(Plan(scale=asked.scale), tuple(asked.only or PARTS), tuple(asked.on or ["embedded"]))
sys.exit(0 if report.finish() else 1)
