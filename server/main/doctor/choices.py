"""The settings: what is written and means nothing, or means what nobody wants."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from urllib.parse import urlsplit

from server.app import client_files
from server.kit.settings import PREFIX, Settings
from server.main import addresses
from server.main.doctor.finding import Finding, fail, ok, warn
from server.main.refusal import RefusalError

CHECK = "settings"


def examine(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Look at the settings as they are, without touching anything."""
    unknown = sorted(_unknown(environ))
    for name in unknown:
        near = get_close_matches(name, [_variable(each) for each in Settings.model_fields], 1)
        yield warn(
            CHECK,
            f"{name} is no setting of this release: it changes nothing.",
            f"Did you mean {near[0]}?" if near else "`vardrum settings` lists all there are.",
        )
    chosen = len(settings.model_fields_set)
    if not unknown:
        yield ok(CHECK, f"{chosen} settings are chosen, and all are known.")
    if client_files.is_built():
        yield ok("client", "The web client is built.")
    else:
        yield fail(
            "client",
            "The web client is not built: `vardrum serve` will not start.",
            "`make run` builds it; so does `python infra/build_client.py`.",
        )
    # Said, because whoever runs a service with accounts looks for it.
    yield ok("mail", "No mail is sent, so there is no mail server to reach.")
    yield from _demo(settings)
    yield from _https(settings)


def wrong(said: str) -> Finding:
    """Settings that can't be read at all."""
    return fail(CHECK, said, "Correct the variable; everything else is looked at after that.")


def _unknown(environ: Mapping[str, str]) -> set[str]:
    known = {_variable(each) for each in Settings.model_fields}
    # pydantic takes them in any case.
    return {each for each in environ if each.upper().startswith(PREFIX)} - {
        each for each in environ if each.upper() in known
    }


def _variable(field: str) -> str:
    return f"{PREFIX}{field.upper()}"


def _demo(settings: Settings) -> Iterator[Finding]:
    if not settings.demo:
        return
    try:
        addresses.refuse_public_demo(settings, [settings.host])
    except RefusalError as refusal:
        yield fail("demo", str(refusal), "A demo is for trying; real people need VARDRUM_DEMO=0.")
    else:
        yield warn(
            "demo",
            "This is a demo: its passwords are on its start page.",
            "For real people leave VARDRUM_DEMO unset, and begin with an empty database.",
        )


def _https(settings: Settings) -> Iterator[Finding]:
    scheme = urlsplit(settings.public_url).scheme
    if scheme == "http":
        yield warn(
            "https",
            f"VARDRUM_PUBLIC_URL is {settings.public_url}: over plain HTTP browsers give no camera "
            "but to this machine itself.",
            "Name the address with https://.",
        )
    if settings.tls or settings.trusted_proxies:
        return
    if addresses.is_here(settings.host):
        if settings.public_url:
            yield warn(
                "https",
                "Only this machine reaches the server, so a proxy stands before it, and none is "
                "trusted: to the server everybody has the proxy's address, and they wait for each "
                "other's wrong passwords.",
                "Name the proxy's network in VARDRUM_TRUSTED_PROXIES (127.0.0.1/32).",
            )
        return
    yield warn(
        "https",
        f"The server listens on {settings.host} without HTTPS: browsers elsewhere give no camera.",
        "Set VARDRUM_TLS_CERT and VARDRUM_TLS_KEY, or put a proxy before it and name that in "
        "VARDRUM_TRUSTED_PROXIES.",
    )
