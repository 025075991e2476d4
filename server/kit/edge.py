"""What the edge reads off a request before any handler runs."""

import asyncio
import hashlib
import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from aiohttp import web

from server.kit.actor import Audience
from server.kit.errors import Denied, Malformed, TooLarge
from server.kit.settings import Settings

SETTINGS = web.AppKey("settings", Settings)
REQUEST_ID = web.RequestKey("request_id", str)

# What one machine is called for its two kinds of people (RFC 6761, section 6.3).
PATIENT_NAME, STAFF_NAME = "patient.localhost", "personal.localhost"
BODY_LIMIT = 64 * 1024
# A client that sends 64 KiB more slowly than this has gone or means harm.
BODY_SECONDS = 20.0
_KEY = re.compile(r"[0-9A-Za-z_-]{8,64}")
_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([0-9.]+):\d+")
# What `secrets.token_urlsafe` makes. A header may hold bytes that are no text at all.
_TOKEN = re.compile(r"[0-9A-Za-z_-]{20,100}")


class Forgery(Denied):
    """403: the request may come from another site."""

    code = "request.forgery"


class KeyMissing(Malformed):
    """400: a mutating request without a usable Idempotency-Key."""

    code = "request.idempotency_key"


def behind_proxy(request: web.Request, settings: Settings) -> bool:
    """Whether the peer is a proxy whose word is taken."""
    return _trusted(request.remote, settings)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address, also where a proxy notes its port; an IPv4 one however it is written."""
    host = text.strip()
    if match := _WITH_PORT.fullmatch(host):
        host = match[1] or match[2]
    try:
        parsed = ip_address(host)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _trusted(address: str | None, settings: Settings) -> bool:
    if not settings.trusted_proxies or not address:
        return False
    peer = _address(address)
    return peer is not None and any(
        peer in ip_network(network) for network in settings.trusted_proxies
    )


def client_key(request: web.Request, settings: Settings) -> str:
    """What requests of one client have in common: its address (of IPv6, the /64 it was given)."""
    address = request.remote or ""
    if behind_proxy(request, settings):
        # The rightmost that is not ours: what stands further left was sent by the client itself.
        # A proxy may repeat the header instead of adding to it (RFC 9110 section 5.2).
        hops = [
            hop.strip()
            for line in request.headers.getall("X-Forwarded-For", ())
            for hop in line.split(",")
        ]
        address = next((h for h in reversed(hops) if h and not _trusted(h, settings)), address)
    parsed = _address(address)
    if parsed is None:
        return "unknown"
    if parsed.version == 6:
        return str(ip_network((parsed.packed, 64), strict=False).network_address)
    return str(parsed)


def is_secure(request: web.Request, settings: Settings) -> bool:
    """Whether the browser speaks HTTPS, to us or to the proxy before us."""
    if request.transport is not None and request.secure:
        return True
    forwarded = request.headers.get("X-Forwarded-Proto", "")
    return forwarded == "https" and behind_proxy(request, settings)


def public_origin(request: web.Request, settings: Settings) -> str:
    """The address of patients and guests, as links to it begin; the request may be staff's."""
    if settings.public_url:
        return settings.public_url
    name, colon, port = request.host.partition(":")
    host = PATIENT_NAME + colon + port if name.lower() == STAFF_NAME else request.host
    return f"{'https' if is_secure(request, settings) else 'http'}://{host}"


def cookie_name(audience: Audience, *, secure: bool) -> str:
    """``__Host-`` binds the cookie to the very host, but exists over HTTPS only (RFC 6265bis)."""
    return f"__Host-vardrum-{audience}" if secure else f"vardrum-{audience}"


def session_token(request: web.Request, audience: Audience, settings: Settings) -> str | None:
    """The session token that the request carries for the audience."""
    token = request.cookies.get(cookie_name(audience, secure=is_secure(request, settings)))
    return token if token is not None and _TOKEN.fullmatch(token) else None


def check_origin(request: web.Request) -> None:
    """Raise ``Forgery`` if a page of another host sent the request."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    try:
        sender = urlsplit(origin).netloc
    except ValueError:
        sender = ""
    if not sender or sender.lower() != request.host.lower():
        raise Forgery("The request comes from another origin.")


def check_forgery(request: web.Request) -> None:
    """Raise ``Forgery`` unless the request can only come from our own pages."""
    if request.headers.get("X-Vardrum") != "1":
        raise Forgery("The header X-Vardrum: 1 is missing.")
    check_origin(request)


def idempotency_key(request: web.Request) -> str:
    """The key that makes a repeated request harmless."""
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise KeyMissing(
            "A request that changes something needs the header Idempotency-Key: a UUID."
        )
    return key


def fingerprint(body: bytes) -> str:
    """Tells two bodies under one key apart."""
    return hashlib.sha256(body).hexdigest()


async def read_body(request: web.Request, limit: int = BODY_LIMIT) -> bytes:
    """The body, at most ``limit`` bytes of it."""
    if (request.content_length or 0) > limit:
        raise TooLarge(f"At most {limit} bytes are taken here.", limit=limit)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                size += len(chunk)
                if size > limit:
                    raise TooLarge(f"At most {limit} bytes are taken here.", limit=limit)
                chunks.append(chunk)
    except TimeoutError:
        raise Malformed("The body did not arrive in time.") from None
    except web.RequestPayloadError:
        raise Malformed("The body is not encoded as its headers say.") from None
    return b"".join(chunks)
