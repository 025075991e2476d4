"""Settings as a process reads them from its environment, whatever this one's holds."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from server.kit.settings import PREFIX, Settings


def checked(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings. Fails for a name of ours that is none, and for a value that is refused."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    for name, value in environment.items():
        assert isinstance(value, str), f"{name}: write it as a text"
        if name.startswith(PREFIX):
            assert name.removeprefix(PREFIX).lower() in Settings.model_fields, name
            monkeypatch.setenv(name, value)
    return Settings()
