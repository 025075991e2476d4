"""Slowing down whoever guesses passwords.

Attempts are counted for a name *and* a client, so nobody can lock a person out from elsewhere; and
for the client alone, so one password can't be tried on everybody. Names that no account has are
counted all the same: the answer tells nothing.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.login.domain import LoginThrottled, backoff

FORGOTTEN = timedelta(minutes=15)
# A client's failures over all names: so many at once, then one every other second.
BURST = 50.0
PER_SECOND = 0.5
MOST_KEPT = 50_000


@dataclass(slots=True)
class _Failures:
    count: int
    last: datetime


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: datetime


class Throttle:
    """Remembers failures for a while, in this process."""

    def __init__(self, free: int, longest: int) -> None:
        """``free`` attempts without a wait, then waits of up to ``longest`` seconds."""
        self._free = free
        self._longest = longest
        self._failures: OrderedDict[Hashable, _Failures] = OrderedDict()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def check(self, name: str, client: str, now: datetime) -> None:
        """Pass, or ``LoginThrottled`` with how long to wait."""
        failures = self._failures.get((name, client))
        if failures is not None:
            wait = backoff(failures.count, self._free, self._longest)
            left = (failures.last + timedelta(seconds=wait) - now).total_seconds()
            if left > 0:
                raise LoginThrottled("Wait before the next attempt.", retry_after=int(left) + 1)
        if self._bucket(client, now).tokens < 1:
            raise LoginThrottled("Too many attempts from here.", retry_after=2)

    def failed(self, name: str, client: str, now: datetime) -> None:
        """Count a wrong password."""
        key = (name, client)
        failures = self._failures.pop(key, None)
        if failures is None or now - failures.last > FORGOTTEN:
            failures = _Failures(0, now)
        failures.count += 1
        failures.last = now
        self._failures[key] = failures
        while len(self._failures) > MOST_KEPT:
            self._failures.popitem(last=False)
        self._bucket(client, now).tokens -= 1

    def succeeded(self, name: str, client: str) -> None:
        """The right password: start over."""
        self._failures.pop((name, client), None)

    def _bucket(self, client: str, now: datetime) -> _Bucket:
        bucket = self._buckets.pop(client, None) or _Bucket(BURST, now)
        seconds = max(0.0, (now - bucket.at).total_seconds())
        bucket.tokens = min(BURST, bucket.tokens + seconds * PER_SECOND)
        bucket.at = now
        self._buckets[client] = bucket
        while len(self._buckets) > MOST_KEPT:
            self._buckets.popitem(last=False)
        return bucket
