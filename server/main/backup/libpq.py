"""PostgreSQL's own programs, as processes of their own that are told the password unseen."""

import os
import shutil
import subprocess
from urllib.parse import parse_qsl, unquote, urlsplit

from server.kit.database_url import DatabaseUrl
from server.main.refusal import RefusalError

# What libpq reads from its environment (PostgreSQL documentation, section 34.15), by the name that
# an address uses. The driver of the server reads those that it knows in the same way.
_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "options": "PGOPTIONS",
    "sslmode": "PGSSLMODE",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslpassword": "PGSSLPASSWORD",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcrl": "PGSSLCRL",
    "sslnegotiation": "PGSSLNEGOTIATION",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    "krbsrvname": "PGKRBSRVNAME",
    "gsslib": "PGGSSLIB",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
#: An address without anything, so that all of it comes from the environment.
BY_ENVIRONMENT = "--dbname=postgresql://"


def environment(url: DatabaseUrl) -> dict[str, str]:
    """What a program of PostgreSQL needs to reach the database: nothing of it is an argument.

    Arguments are anybody's to read on the machine; a process's environment only its owner's.
    """
    parts = urlsplit(url.dsn)
    chosen = {
        "host": url.host,
        "port": str(url.port),
        "user": url.user,
        "password": unquote(parts.password or ""),
        "dbname": url.name,
        "connect_timeout": "10",
    }
    settings = []
    for name, value in parse_qsl(parts.query):
        if name in _VARIABLES:
            chosen[name] = value
        else:
            # The driver takes what it does not know for a setting of the server.
            settings.append(f"-c {name}={_escaped(value)}")
    if settings:
        chosen["options"] = " ".join([chosen.get("options", ""), *settings]).strip()
    inherited = {
        name: value
        for name, value in os.environ.items()
        # Who needs an address gets it below; what else is the server's is no business of theirs.
        if not name.startswith("VARDRUM_")
    }
    ours = {_VARIABLES[name]: value for name, value in chosen.items() if value}
    return {**inherited, **ours, "PGAPPNAME": "vardrum", "LC_ALL": "C"}


def run(program: str, *arguments: str, url: DatabaseUrl | None = None) -> bytes:
    """Run the program to its end; what it printed. ``RefusalError`` with what it complained of."""
    found = shutil.which(program)
    if found is None:
        raise RefusalError(
            f"`{program}` is not installed. On Debian and Ubuntu: apt-get install "
            "postgresql-client (as new as the server or newer)."
        )
    done = subprocess.run(  # noqa: S603
        [found, *arguments],
        env=None if url is None else environment(url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        umask=0o077,
    )
    if done.returncode != 0:
        raise RefusalError(
            f"`{program}` failed: {_complaint(done.stderr.decode(errors='replace'))}"
        )
    return done.stdout


def _complaint(said: str) -> str:
    """Its first error. What follows may repeat a line of somebody's data."""
    lines = [each.strip() for each in said.splitlines() if each.strip()]
    found = next((each for each in lines if "error:" in each), lines[0] if lines else "no word")
    return found.partition("error: ")[2] or found


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
