"""A robot's HTTP: retries as `web-client/src/wire/rest.ts`, with one key for one action.

A browser gives up after four attempts, and the person before it presses again; a robot's person
presses at once, and for as long as `PATIENCE`.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from server.kit.tasks import cancel, spawn
from tests.robots.ledger import Ledger

#: What a robot does on purpose, as its ledger counts it.
TWICE_AT_ONCE = "requests sent twice at once"
BEHIND_YOUNGER = "requests repeated behind younger ones"
EVENTS_TWICE = "messages sent twice over the socket"

RETRY_AFTER = (0.4, 1.2, 3.0)
TIMEOUT = 15.0
#: Seconds until a person goes home.
PATIENCE = 150.0
_CLIENT = {"X-Vardrum": "1", "Accept": "application/json"}
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})


class Refused(Exception):
    """The server has judged, and will judge the same again."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class GaveUp(Exception):
    """Nobody answered for so long that a person would have gone home."""


@dataclass(frozen=True)
class Who:
    """Somebody who can log in. `audience`: patient or staff."""

    audience: str
    username: str
    password: str = "vardrum"


@dataclass(frozen=True)
class Habits:
    """How a robot uses the protocol."""

    #: Of the requests that change something, the part that is sent twice at once.
    doubled: float = 0.0
    #: The part that comes once more after a while, behind younger ones.
    belated: float = 0.0
    #: Seconds between heartbeats of the socket.
    heartbeat: float = 10.0
    #: Seconds until a request is given up and sent again.
    timeout: float = TIMEOUT


class Web:
    """What one person's browser asks of the servers; any of them at any time."""

    def __init__(
        self, urls: Sequence[str], who: Who, ledger: Ledger, chance: random.Random, habits: Habits
    ) -> None:
        self.urls = urls
        self.who = who
        self.habits = habits
        self._ledger = ledger
        self._chance = chance
        #: The token, empty before the first login.
        self.session = ""
        self._logging_in = asyncio.Lock()
        self._belated: set[asyncio.Task[None]] = set()
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(habits.timeout)
        )

    @property
    def cookie(self) -> str:
        """The session, as a header says it."""
        return f"vardrum-{self.who.audience}={self.session}"

    def server(self) -> str:
        """Where to turn to next."""
        return self._chance.choice(self.urls)

    def doubles(self) -> bool:
        """Whether this one is sent twice."""
        return self._chance.random() < self.habits.doubled

    async def close(self) -> None:
        """Let what is on its way be; close."""
        for task in list(self._belated):
            await cancel(task)
        await self._http.close()

    async def settle(self) -> None:
        """Wait for the requests that come belated."""
        await asyncio.gather(*self._belated)

    async def log_in(self, instead_of: str | None = None) -> None:
        """Log in, unless somebody did since the session was `instead_of`."""
        async with self._logging_in:
            if instead_of is not None and self.session != instead_of:
                return
            said = {"username": self.who.username, "password": self.who.password}
            await self._ask("POST", f"/api/v1/{self.who.audience}/session", said, _key())

    async def get(self, path: str) -> Any:
        """Read."""
        return await self._authenticated("GET", path, None, None)

    async def post(self, path: str, said: Any = None, key: str | None = None) -> Any:
        """Do something, once."""
        return await self._change("POST", path, said, key)

    async def put(self, path: str, said: Any) -> Any:
        """Set something."""
        return await self._change("PUT", path, said, None)

    async def _change(self, method: str, path: str, said: Any, key: str | None) -> Any:
        key = key or _key()
        if self.doubles():
            both = await asyncio.gather(
                self._authenticated(method, path, said, key),
                self._authenticated(method, path, said, key),
                return_exceptions=True,
            )
            self._compare(path, *both)
            self._ledger.troubles[TWICE_AT_ONCE] += 1
            # A refusal is judged anew each time: somebody may have come in between.
            told = both[0] if not isinstance(both[0], BaseException) else both[1]
            if isinstance(told, BaseException):
                raise told
        else:
            told = await self._authenticated(method, path, said, key)
        if self._chance.random() < self.habits.belated:
            task = spawn(self._once_more(method, path, said, key, told), "robot.belated")
            self._belated.add(task)
            task.add_done_callback(self._belated.discard)
        return told

    async def _once_more(self, method: str, path: str, said: Any, key: str, told: Any) -> None:
        await asyncio.sleep(self._chance.uniform(0.2, 3.0))
        try:
            again = await self._authenticated(method, path, said, key)
        except GaveUp:
            return
        except Refused as error:
            self._ledger.contradictions.append(
                f"{self._ledger.who}: {path} was done, and repeated it was refused: {error}"
            )
            return
        self._compare(path, told, again)
        self._ledger.troubles[BEHIND_YOUNGER] += 1

    def _compare(self, path: str, first: Any, second: Any) -> None:
        if not any(isinstance(each, BaseException) for each in (first, second)) and first != second:
            self._ledger.contradictions.append(
                f"{self._ledger.who}: one key, two answers of {path}: {first!r} and {second!r}"
            )

    async def _authenticated(self, method: str, path: str, said: Any, key: str | None) -> Any:
        while True:
            session = self.session
            try:
                return await self._ask(method, path, said, key)
            except Refused as error:
                if error.status != 401:
                    raise
            self._ledger.troubles["sessions ended"] += 1
            await self.log_in(instead_of=session)

    async def _ask(self, method: str, path: str, said: Any, key: str | None) -> Any:
        gives_up = time.monotonic() + PATIENCE
        headers = {**_CLIENT, "Cookie": self.cookie} if self.session else dict(_CLIENT)
        if key is not None:
            headers["Idempotency-Key"] = key
        for attempt in range(1_000):
            if time.monotonic() > gives_up:
                break
            pause = RETRY_AFTER[min(attempt, 2)]
            try:
                async with self._http.request(
                    method, self.server() + path, json=said, headers=headers
                ) as answer:
                    body = await answer.json() if answer.status != 204 else None
                    if answer.ok:
                        self._keep(answer)
                        return body
                    if answer.status not in _AGAIN:
                        code = body.get("code", "") if isinstance(body, dict) else ""
                        raise Refused(answer.status, code)
                    self._ledger.troubles[f"answers {answer.status}"] += 1
                    pause = max(pause, min(10.0, float(answer.headers.get("Retry-After", 0))))
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                self._ledger.troubles[f"no answer ({type(error).__name__})"] += 1
            await asyncio.sleep(pause * self._chance.uniform(0.75, 1.25))
        raise GaveUp(f"{method} {path}")

    def _keep(self, answer: aiohttp.ClientResponse) -> None:
        cookie = answer.cookies.get(f"vardrum-{self.who.audience}")
        if cookie is not None and cookie.value:
            self.session = cookie.value


def _key() -> str:
    return str(uuid.uuid4())
