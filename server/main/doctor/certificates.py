"""The certificate, when the server speaks HTTPS itself."""

import stat
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from server.kit.settings import Settings
from server.main import tls
from server.main.doctor.finding import Finding, fail, ok, warn
from server.main.refusal import RefusalError

CHECK = "certificate"
SOON = timedelta(days=21)


def examine(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look at the certificate and its key."""
    if settings.tls_cert is None and settings.tls_key is None:
        return
    try:
        tls.context(settings)
    except RefusalError as refusal:
        yield fail(CHECK, str(refusal), "Without them the server will not start.")
        return
    if settings.tls_cert is None or settings.tls_key is None:
        raise AssertionError("one without the other is refused")
    chain = x509.load_pem_x509_certificates(settings.tls_cert.read_bytes())
    yield judge_dates(settings.tls_cert, chain[0].not_valid_before_utc, _end(chain), now)
    if settings.public_url:
        yield judge_names(chain[0], str(urlsplit(settings.public_url).hostname))
    if len(chain) == 1 and chain[0].issuer != chain[0].subject:
        yield warn(
            CHECK,
            f"{settings.tls_cert} holds one certificate and not who issued it: some phones will "
            "not trust it.",
            "Use the full chain (certbot calls it fullchain.pem).",
        )
    yield judge_key(settings.tls_key, settings.tls_key.stat().st_mode)


def judge_dates(path: Path, begins: datetime, ends: datetime, now: datetime) -> Finding:
    """Whether it is valid now, and for how long."""
    if now < begins:
        return fail(
            CHECK, f"{path} is valid only from {begins:%Y-%m-%d}.", "Is this machine's clock right?"
        )
    if now >= ends:
        return fail(CHECK, f"{path} ended on {ends:%Y-%m-%d}.", _RENEW)
    said = f"{path} is valid until {ends:%Y-%m-%d}."
    return warn(CHECK, said, _RENEW) if ends - now < SOON else ok(CHECK, said)


_RENEW = "Renew it, and restart the server: it reads the certificate when it starts."


def judge_names(certificate: x509.Certificate, host: str) -> Finding:
    """Whether it is for the address that patients come by."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        known: list[str] = []
    else:
        known = names.get_values_for_type(x509.DNSName)
        known += [str(each) for each in names.get_values_for_type(x509.IPAddress)]
    if _named(host, known):
        return ok(CHECK, f"It is for {host}.")
    return fail(
        CHECK,
        f"It is not for {host}, which VARDRUM_PUBLIC_URL names, but for {', '.join(known) or '-'}.",
        "Get one for that name, or correct the address.",
    )


def judge_key(path: Path, mode: int) -> Finding:
    """Whether others on the machine can read the key."""
    if mode & stat.S_IROTH:
        return fail(CHECK, f"Everybody on this machine may read {path}.", f"chmod o= {path}")
    return ok(CHECK, "Its key is not for everybody.")


def _end(chain: Iterable[x509.Certificate]) -> datetime:
    return min(each.not_valid_after_utc for each in chain)


def _named(host: str, known: Iterable[str]) -> bool:
    # RFC 9525, section 6.3: a star stands for one whole label, the first.
    rest = host.partition(".")[2]
    return any(each.lower() in (host, f"*.{rest}") for each in known)
