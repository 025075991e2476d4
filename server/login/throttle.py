"""Slowing down whoever guesses passwords, without keeping anybody from her own account.

Three counts, each of which may make an attempt wait:

- for a name *and* a client, with waits that double: a stranger elsewhere adds nothing to it;
- for a client over all names: one password can't be tried on everybody;
- for a name over all clients from which nobody has logged in as that name lately: many clients
  together guess no faster than a few. Who has logged in from where she is counts by herself alone,
  so that this can't lock her out.

Servers of a cluster tell each other over the bus how attempts ended, under names that are hashed;
while it is away, each counts for itself.

An attempt counts from its beginning, so that guesses sent side by side gain nothing. Names that no
account has are counted all the same: the answer tells nothing.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import TypeVar

from server.kit.bus import Bus, Word
from server.kit.clock import Clock
from server.login.domain import LoginThrottled, backoff

FORGOTTEN = timedelta(minutes=15)
# A client's failures over all names: so many at once, then one every other second.
BURST = 50.0
PER_SECOND = 0.5
# A name's failures over all clients that are strange to it: then one every twenty seconds.
NAME_BURST = 30.0
NAME_PER_SECOND = 0.05
# How long a place from which somebody logged in is known as hers.
KNOWN = timedelta(days=30)
MOST_KEPT = 50_000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class _Failures:
    count: int
    last: datetime
    # Attempts whose outcome is not known yet.
    trying: int = 0


@dataclass(slots=True)
class _Bucket:
    """Tokens that come back with time."""

    burst: float
    per_second: float
    tokens: float
    at: datetime

    def refill(self, now: datetime) -> None:
        """What has come back until now."""
        seconds = max(0.0, (now - self.at).total_seconds())
        self.tokens = min(self.burst, self.tokens + seconds * self.per_second)
        self.at = now

    @property
    def wait(self) -> int:
        """Whole seconds until there is a token; 0 when there is one."""
        return max(0, math.ceil((1 - self.tokens) / self.per_second))


@dataclass(slots=True)
class Attempt:
    """An attempt under way; ends in exactly one of `failed`, `succeeded` and `withdrawn`."""

    name: str
    client: str
    strange: bool


class Throttle:
    """Remembers failures for a while, and hears of those at other servers."""

    def __init__(self, free: int, longest: int) -> None:
        """``free`` attempts without a wait, then waits of up to ``longest`` seconds."""
        self._free = free
        self._longest = longest
        self._failures: OrderedDict[Hashable, _Failures] = OrderedDict()
        self._clients: OrderedDict[str, _Bucket] = OrderedDict()
        self._names: OrderedDict[str, _Bucket] = OrderedDict()
        self._known: OrderedDict[Hashable, datetime] = OrderedDict()
        self._tell: Callable[[Word], None] = lambda _word: None

    def share(self, bus: Bus, topic: str, clock: Clock) -> None:
        """From now on tell others how attempts end, and count theirs."""
        self._tell = partial(bus.publish, topic)
        bus.subscribe(topic, lambda _sender, word: self._heard(word, clock.now()))

    def _heard(self, word: Word, now: datetime) -> None:
        match word:
            case {"name": str() as name, "client": str() as client, "right": True}:
                self._failures.pop((name, client), None)
                _keep(self._known, (name, client), now)
            case {"name": str() as name, "client": str() as client, "strange": bool() as strange}:
                self._bucket(self._clients, client, now).tokens -= 1
                if strange:
                    self._bucket(self._names, name, now).tokens -= 1
                self._note(name, client, now)
            case _:
                raise ValueError("a word of another release")

    def attempt(self, name: str, client: str, now: datetime) -> Attempt:
        """Begin one, or ``LoginThrottled`` with how long to wait."""
        name, client = _hidden(name), _hidden(client)
        seen = self._known.get((name, client))
        strange = seen is None or now - seen > KNOWN
        failures = self._failures_of(name, client, now)
        wait = backoff(failures.count, self._free, self._longest)
        left = (failures.last + timedelta(seconds=wait) - now).total_seconds() if wait else 0.0
        if left > 0:
            raise LoginThrottled("Wait before the next attempt.", retry_after=math.ceil(left))
        # Once there are waits, one at a time.
        if failures.trying and failures.count + failures.trying >= self._free:
            raise LoginThrottled("Another attempt is under way.", retry_after=1)
        from_here = self._bucket(self._clients, client, now)
        if from_here.wait:
            raise LoginThrottled("Too many attempts from here.", retry_after=from_here.wait)
        by_strangers = self._bucket(self._names, name, now) if strange else None
        if by_strangers is not None:
            if by_strangers.wait:
                raise LoginThrottled("Wait before the next attempt.", retry_after=by_strangers.wait)
            by_strangers.tokens -= 1
        from_here.tokens -= 1
        failures.trying += 1
        _keep(self._failures, (name, client), failures)
        return Attempt(name, client, strange)

    def failed(self, attempt: Attempt, now: datetime) -> None:
        """The password was wrong."""
        failures = self._note(attempt.name, attempt.client, now)
        failures.trying = max(0, failures.trying - 1)
        self._tell({"name": attempt.name, "client": attempt.client, "strange": attempt.strange})

    def succeeded(self, attempt: Attempt, now: datetime) -> None:
        """The right password: start over, and know the place from now on."""
        self._give_back(attempt, now)
        self._failures.pop((attempt.name, attempt.client), None)
        _keep(self._known, (attempt.name, attempt.client), now)
        self._tell({"name": attempt.name, "client": attempt.client, "right": True})

    def withdrawn(self, attempt: Attempt, now: datetime) -> None:
        """The password was not looked at, as there was too much to do or the caller went away."""
        self._give_back(attempt, now)
        key = attempt.name, attempt.client
        failures = self._failures.get(key)
        if failures is not None:
            failures.trying = max(0, failures.trying - 1)
            if not failures.trying and not failures.count:
                del self._failures[key]

    def _note(self, name: str, client: str, now: datetime) -> _Failures:
        failures = self._failures_of(name, client, now)
        failures.count += 1
        failures.last = now
        _keep(self._failures, (name, client), failures)
        return failures

    def _give_back(self, attempt: Attempt, now: datetime) -> None:
        self._bucket(self._clients, attempt.client, now).tokens += 1
        if attempt.strange:
            self._bucket(self._names, attempt.name, now).tokens += 1

    def _failures_of(self, name: str, client: str, now: datetime) -> _Failures:
        failures = self._failures.get((name, client))
        if failures is None:
            return _Failures(0, now)
        if now - failures.last > FORGOTTEN:
            failures.count = 0
        return failures

    def _bucket(self, kept: OrderedDict[str, _Bucket], key: str, now: datetime) -> _Bucket:
        bucket = kept.get(key)
        if bucket is None:
            burst, rate = (
                (BURST, PER_SECOND) if kept is self._clients else (NAME_BURST, NAME_PER_SECOND)
            )
            bucket = _Bucket(burst, rate, burst, now)
        bucket.refill(now)
        _keep(kept, key, bucket)
        return bucket


def _hidden(text: str) -> str:
    """Nobody needs to read here, or on the way to another server, who tried from where."""
    return blake2b(text.encode(), digest_size=12).hexdigest()


def _keep(kept: OrderedDict[K, V], key: K, value: V) -> None:
    """Put it last; the oldest make room."""
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)
