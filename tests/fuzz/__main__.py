# ruff: noqa: T201
"""`python -m tests.fuzz [TARGET …] [--count N] [--seed S] [--jobs J]`, or `--replay FILE`.

Prints a table. Exit status 1 when an input did harm: it is in build/fuzz then.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from server.kit import log
from tests.fuzz.harness import Found, Result, run
from tests.fuzz.memory import Held
from tests.fuzz.shards import shard
from tests.fuzz.targets import TARGETS

# So that the cores come to their ends together. A multiple of every target's episode.
_SHARE = 50_000
_HEAD = (
    f"{'target':9}{'inputs':>9}{'cpu s':>9}{'a second':>9}{'blocks':>8}{'KiB':>8}{'worst ms':>9}"
)


def _replay(file: Path) -> int:
    log.configure("json", "WARNING")
    case = json.loads(file.read_text())
    print(f"{case['target']}: {case['what']}")
    run(TARGETS[case["target"]], seed=case["seed"], first=case["first"], count=case["count"])
    print("It does no harm any more.")
    return 0


def _merge(results: Sequence[Result]) -> Result:
    found = Result(results[0].target, 0, 0.0)
    for each in results:
        found.inputs += each.inputs
        found.seconds += each.seconds
        found.outcomes += each.outcomes
        found.growth = Held(
            max(found.growth.blocks, each.growth.blocks),
            max(found.growth.malloced, each.growth.malloced),
        )
        found.slowest = max(found.slowest, each.slowest)
    return found


def _row(result: Result) -> str:
    rate = result.inputs / result.seconds if result.seconds else 0
    shown = ", ".join(f"{name} {number}" for name, number in result.outcomes.most_common())
    return (
        f"{result.target:9}{result.inputs:>9}{result.seconds:>9.1f}{rate:>9.0f}"
        f"{result.growth.blocks:>8}{result.growth.malloced // 1024:>8}"
        f"{result.slowest[0] * 1000:>9.1f}  {shown}"
    )


def main(argv: Sequence[str]) -> int:
    """Run; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], help="default: all")
    parser.add_argument("--count", type=int, default=1_000_000, help="inputs for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--replay", type=Path, help="a file of build/fuzz")
    asked = parser.parse_args(argv)
    if asked.replay is not None:
        return _replay(asked.replay)
    names = asked.targets or list(TARGETS)
    print(_HEAD)
    done: dict[str, list[Result]] = {name: [] for name in names}
    failed: Counter[str] = Counter()
    with ProcessPoolExecutor(asked.jobs, mp_context=get_context("spawn")) as pool:
        shards: dict[Future[Result], str] = {
            pool.submit(shard, name, asked.seed, first, min(_SHARE, asked.count - first)): name
            for name in names
            for first in range(0, asked.count, _SHARE)
        }
        expected = Counter(shards.values())
        for future in as_completed(shards):
            name = shards[future]
            try:
                done[name].append(future.result())
            except Found as found:
                failed[name] += 1
                print(found, flush=True)
            if len(done[name]) + failed[name] == expected[name] and done[name]:
                print(_row(_merge(done[name])), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
