"""`make chaos`: minutes of faults, then the invariants. SEED=… replays a run.

`python -m tests.chaos --seed 7 --arm embedded --seconds 60`. Exit 1: something does not hold.
"""

from __future__ import annotations

import argparse
import secrets
import sys

from tests.chaos.run import ARMS, Size, run


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--arm", choices=sorted(ARMS), action="append")
    parser.add_argument("--seconds", type=float, default=120.0, help="of faults, for each arm")
    parser.add_argument("--every", type=float, default=2.5, help="seconds from fault to fault")
    parser.add_argument("--patients", type=int, default=6)
    parser.add_argument(
        "--goal", type=float, default=5.0, help="seconds until a picture is back after its worker"
    )
    chosen = parser.parse_args()
    size = Size(chosen.seconds, chosen.every, chosen.patients, chosen.goal)
    held = [run(arm, chosen.seed, size) for arm in chosen.arm or ARMS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
