"""Where PostgreSQL is, as an operator writes it: ``postgresql://user:password@host:port/name``.

The text holds a password. Nothing here repeats it: what is wrong is said in words of our own, and
``DatabaseUrl`` shows itself without it.
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

SCHEMES = ("postgresql", "postgres")
DEFAULT_PORT = 5432


class WrongUrl(ValueError):
    """The text names no database that we could use; the message says why, without the text."""


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A place in PostgreSQL. ``dsn`` is for the driver alone."""

    dsn: str = field(repr=False)
    user: str
    host: str
    """A name, an address, or the folder of a Unix socket; several are kept as they were written."""
    port: int
    name: str

    @property
    def where(self) -> str:
        """The server, for a person: ``db.example port 5432``, or the folder of its socket."""
        return self.host if self.host.startswith("/") else f"{self.host} port {self.port}"

    @property
    def shown(self) -> str:
        """The database, for a person."""
        return f"the PostgreSQL database {self.name} on {self.where}"


def parse(text: str) -> DatabaseUrl:
    """What the text names. ``WrongUrl`` with a sentence if it is no address of PostgreSQL."""
    scheme, separator, _ = text.partition("://")
    if not separator:
        raise WrongUrl("must look like postgresql://user:password@host/name")
    if scheme not in SCHEMES:
        raise WrongUrl(
            "must begin with postgresql://; no other kind of database is known here. "
            "Leave it empty for the embedded one"
        )
    try:
        parts = urlsplit(text)
        port = parts.port
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        # Not the parser's own words: they repeat what they choked on.
        raise WrongUrl(_WRITTEN_WRONG) from None
    host = unquote(parts.hostname or "") or options.get("host", [""])[-1]
    name = unquote(parts.path[1:])
    if parts.fragment or "/" in name:
        raise WrongUrl(_WRITTEN_WRONG)
    if not host:
        raise WrongUrl("names no host; for a Unix socket add ?host=/its/folder")
    if not name:
        raise WrongUrl("names no database: put its name after the host, as in …@host/vardrum")
    if port is None:
        try:
            port = int(options.get("port", [str(DEFAULT_PORT)])[-1])
        except ValueError:
            raise WrongUrl(_WRITTEN_WRONG) from None
    return DatabaseUrl(text, unquote(parts.username or ""), host, port, name)


_WRITTEN_WRONG = (
    "can't be read as postgresql://user:password@host:port/name; signs such as @ : / ? # % in a "
    "name or password are written %40 %3A %2F %3F %23 %25"
)
