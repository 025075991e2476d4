"""By how much the product's clock is ahead of the machine's."""

from __future__ import annotations

from pathlib import Path


class Shift:
    """A file that `tests.chaos.vardrum` reads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set(0)

    def set(self, seconds: float) -> None:
        """Move the clock."""
        new = self.path.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self.path)
