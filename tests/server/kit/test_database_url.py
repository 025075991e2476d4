"""The address of PostgreSQL: read rightly, refused in words, and never shown."""

import pytest
from pydantic import SecretStr, ValidationError

from server.kit.database_url import WrongUrl, parse
from server.kit.settings import Settings

SECRET = "mycket-hemligt"


@pytest.mark.parametrize(
    ("text", "where", "name"),
    [
        ("postgresql://u:p@db.example/vard", "db.example port 5432", "vard"),
        ("postgres://u@db.example:6000/vard?sslmode=require", "db.example port 6000", "vard"),
        ("postgresql://u:a%40b@[::1]:5433/v%C3%A5rd", "::1 port 5433", "vård"),
        ("postgresql:///vard?host=/run/postgresql", "/run/postgresql", "vard"),
    ],
)
def test_addresses(text: str, where: str, name: str) -> None:
    url = parse(text)
    assert (url.where, url.name, url.dsn) == (where, name, text)
    assert url.shown == f"the PostgreSQL database {name} on {where}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("vardrum", "must look like"),
        (f"mysql://u:{SECRET}@h/d", "no other kind"),
        (f"postgresql://u:{SECRET}/x@h:5432/d", "can't be read"),
        (f"postgresql://u:p@h:{SECRET}/d", "can't be read"),
        (f"postgresql://u:{SECRET}#x@h/d", "can't be read"),
        (f"postgresql://u:{SECRET}@h", "names no database"),
        (f"postgresql://u:{SECRET}@/d", "names no host"),
    ],
)
def test_what_is_no_address_is_said_without_it(
    text: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WrongUrl, match=says) as caught:
        parse(text)
    assert SECRET not in str(caught.value)
    monkeypatch.setenv("VARDRUM_DATABASE_URL", text)
    with pytest.raises(ValidationError, match=says) as invalid:
        Settings()
    assert SECRET not in str(invalid.value)
    assert SECRET not in repr(invalid.value)


def test_no_password_is_shown() -> None:
    settings = Settings(database_url=SecretStr(f"postgresql://u:{SECRET}@h/d"))
    assert settings.postgres is not None
    assert SECRET in settings.postgres.dsn
    shown = (settings, settings.postgres, settings.database_shown, settings.model_dump())
    assert all(SECRET not in f"{each} {each!r}" for each in shown)
    assert SECRET not in settings.model_dump_json()
