"""A part of a run, in a process of its own."""

from server.kit import log
from tests.fuzz.harness import Result, run
from tests.fuzz.targets import TARGETS


def shard(name: str, seed: int, first: int, count: int) -> Result:
    """Run one target over some of its inputs. Raises `Found`."""
    log.configure("json", "WARNING")
    return run(TARGETS[name], seed=seed, first=first, count=count)
