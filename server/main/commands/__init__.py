"""The commands of ``vardrum``, a module for each kind: ``add`` tells the parser of its own.

What a command does is left in ``command``: a function of the settings and the arguments that gives
the exit status, or raises ``RefusalError``.
"""

import argparse
from typing import Protocol


class Commands(Protocol):
    """What ``add_subparsers`` gives."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002
        """A parser for the command of that name."""
        ...
