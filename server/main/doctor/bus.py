"""Redis: whether it is there, lets us in, and what it costs when it is not."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import redis
from redis.exceptions import AuthenticationError, RedisError

from server.kit.settings import Settings
from server.main.doctor.finding import Finding, fail, ok, warn

PATIENCE = 3.0
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at the bus between servers, if one is set."""
    url = settings.redis_url.get_secret_value()
    if not url:
        return
    yield _reach(url)
    where = urlsplit(url)
    if where.scheme == "redis" and where.hostname not in _LOOPBACK:
        yield warn(
            "redis",
            "The way to Redis is not encrypted. No patient's words go over it, but who is online "
            "does.",
            "Use rediss:// in VARDRUM_REDIS_URL, or a network of its own.",
        )


def _reach(url: str) -> Finding:
    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE
        ) as client:
            version = client.info("server")["redis_version"]
    except AuthenticationError:
        return fail("redis", "Redis does not let us in.", "Look at VARDRUM_REDIS_URL's password.")
    except (RedisError, OSError) as error:
        return fail(
            "redis",
            f"Redis does not answer ({type(error).__name__}). Servers find out from each other "
            "half a second later, and not who is online elsewhere.",
            "Is it running, and VARDRUM_REDIS_URL right? Nothing is lost meanwhile.",
        )
    return ok("redis", f"Redis {version} answers.")
