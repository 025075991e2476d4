"""The command `vardrum` with a clock that the monkey moves: `python -m tests.chaos.vardrum serve`.

The product itself has no such switch, so that nobody can turn one on. The file that `VARDRUM_CHAOS`
names holds by how many seconds the clock is ahead; it is read at most every 50 ms.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from server.app import client_files
from server.kit import clock

_EVERY = 0.05
_machine = clock.Clock.now
_SHIFT = os.environ["VARDRUM_CHAOS"]
_read = [0.0, 0.0]


def _ahead() -> float:
    now = time.monotonic()
    if now >= _read[0] + _EVERY:
        _read[0] = now
        # Written elsewhere and moved here, so that it is always whole.
        with open(_SHIFT, encoding="ascii") as shift:
            _read[1] = float(shift.read())
    return _read[1]


def _now(self: clock.Clock) -> datetime:
    return _machine(self) + timedelta(seconds=_ahead())


if __name__ == "__main__":
    clock.Clock.now = _now  # type: ignore[method-assign]
    if len(sys.argv) > 1 and sys.argv[1] == "--page":
        # The client need not be built: here a page stands for it.
        client_files.STATIC = Path(sys.argv[2])
        client_files.is_built.__defaults__ = (client_files.STATIC,)
        del sys.argv[1:3]
    from server.main import cli

    raise SystemExit(cli(sys.argv[1:]))
