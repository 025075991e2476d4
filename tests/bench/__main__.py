"""`python -m tests.bench [claims|logins|media|outages|relay …]`: run them and write their JSON.

Without a name: all but `relay`, which wants a Janus beside it, and `outages`, which waits a lot.
Exit status: 1 when an invariant broke, 2 for a wrong name, otherwise 0: a missed goal is
only said.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.bench import claims, logins, media
from tests.bench.outages import run as outages
from tests.bench.relay import run as relay
from tests.bench.report import Report

BENCHMARKS: dict[str, Callable[[], Report]] = {
    "claims": claims.run,
    "logins": logins.run,
    "media": media.run,
    "outages": outages.run,
    "relay": relay.run,
}
ALWAYS = ("claims", "logins", "media")


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {unknown[0]}; there are {', '.join(BENCHMARKS)}.")  # noqa: T201
        return 2
    held = [BENCHMARKS[name]().finish() for name in names or ALWAYS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
