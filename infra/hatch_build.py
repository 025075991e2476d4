"""The wheel's build hook: a wheel or sdist of Vårdrum carries the built web client."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ClientBuildHook(BuildHookInterface[Any]):
    """Builds the client before files are collected; `VARDRUM_SKIP_WEB=1` leaves it out."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if os.environ.get("VARDRUM_SKIP_WEB") == "1":
            return
        script = Path(self.root) / "infra" / "build_client.py"
        runpy.run_path(str(script))["build"]()
