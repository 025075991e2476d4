"""Settings come from the environment and are described."""

import pytest
from pydantic import ValidationError

from server.kit.settings import Settings, settings_table


def test_settings_come_from_the_environment(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.port == 8080
    monkeypatch.setenv("VARDRUM_PORT", "9000")
    monkeypatch.setenv("VARDRUM_MEDIA_ADDRESS", "10.0.0.1, fd00::1")
    monkeypatch.setenv("VARDRUM_DEMO", "1")
    read = Settings()
    assert (read.port, read.media_address, read.demo) == (9000, ("10.0.0.1", "fd00::1"), True)
    monkeypatch.setenv("VARDRUM_PORT", "99999")
    with pytest.raises(ValidationError):
        Settings()
    monkeypatch.setenv("VARDRUM_PORT", "9000")
    monkeypatch.setenv("VARDRUM_TRUSTED_PROXIES", "somewhere")
    with pytest.raises(ValidationError):
        Settings()


def test_every_setting_is_described() -> None:
    table = settings_table()
    for name, field in Settings.model_fields.items():
        assert field.description
        assert f"`VARDRUM_{name.upper()}`" in table
