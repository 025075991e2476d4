"""Password hashing in a pool of its own, so that nothing else ever waits behind a hash.

argon2id with 19 MiB, t=2, p=1 (RFC 9106, OWASP). As many threads as cores, at the lowest priority.
Before them is a waiting room of about half a second of work: clients take turns, and when it is
full, the client with the most waiting gives way.
"""

import asyncio
import os
import threading
import time
import unicodedata
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import TypeVar

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from server.kit.errors import Busy
from server.login.domain import LoginThrottled

T = TypeVar("T")

ROOM_SECONDS = 0.5
LEAST_ROOM = 8
# One client may not fill more than this part of the room.
SHARE = 4
_STOPPING = "The server is about to stop."

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str, once: str | None = None) -> str:
    """The hash to store. Takes tens of milliseconds: not for the event loop.

    ``once``: what names the request, and nothing else ever. Its repeat makes the same hash (a salt
    need not be secret, only its own), so that another password under its key can be told apart
    while no quick hash of either is kept.
    """
    salt = None if once is None else blake2b(once.encode(), digest_size=16).digest()
    return _hasher.hash(_plain(password), salt=salt)


def verify_password(hashed: str, password: str) -> bool:
    """Whether the password is the right one. Takes tens of milliseconds."""
    try:
        return _hasher.verify(hashed, _plain(password))
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(hashed: str) -> bool:
    """Whether the hash was made with other costs than today's."""
    return _hasher.check_needs_rehash(hashed)


def _is_hash(stored: str) -> bool:
    try:
        extract_parameters(stored)
    except InvalidHashError:
        return False
    return True


def _plain(password: str) -> str:
    # Keyboards differ in how they compose å, ä and ö (RFC 8265 §4.2).
    return unicodedata.normalize("NFC", password)


def _be_nice() -> None:
    # On Linux the priority belongs to the thread.
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)


class PasswordPool:
    """Verifies passwords for many clients in fair turns."""

    def __init__(self, threads: int = 0) -> None:
        """``threads``: 0 for as many as there are cores."""
        self.threads = threads or os.cpu_count() or 1
        self._executor = ThreadPoolExecutor(self.threads, "password", initializer=_be_nice)
        self._running = 0
        self._closed = False
        self._seconds = 0.03
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        # Unknown names are checked against this, so that they take as long as known ones.
        self._nobody = hash_password("nobody has this password")

    @property
    def waiting(self) -> int:
        """How many wait for a thread."""
        return sum(map(len, self._lines.values()))

    @property
    def running(self) -> int:
        """How many are being hashed."""
        return self._running

    @property
    def room(self) -> int:
        """How many may wait."""
        return max(LEAST_ROOM, int(ROOM_SECONDS * self.threads / self._seconds))

    async def verify(self, hashed: str | None, password: str, client: str) -> bool:
        """Whether the password is right; False for no hash, after the same amount of work.

        What is stored for somebody without a password is no hash either.

        ``LoginThrottled`` when the client has too many waiting, ``Busy`` when everybody has.
        """
        usable = hashed if hashed is not None and _is_hash(hashed) else None
        right = await self._run(client, verify_password, usable or self._nobody, password)
        return right and usable is not None

    async def hash(self, password: str, client: str, once: str | None = None) -> str:
        """The hash of a new password, in the client's turn; ``once`` as in ``hash_password``."""
        return await self._run(client, hash_password, password, once)

    def close(self) -> None:
        """Let the threads go; who waits for one is told to come again."""
        self._closed = True
        for line in self._lines.values():
            for turn in line:
                if not turn.done():
                    turn.set_exception(Busy(_STOPPING, retry_after=2))
        self._lines.clear()
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _run(self, client: str, work: Callable[..., T], *args: str | None) -> T:
        await self._enter(client)
        if self._closed:  # between being called and beginning
            self._leave()
            raise Busy(_STOPPING, retry_after=2)
        began = time.perf_counter()
        running = asyncio.get_running_loop().run_in_executor(self._executor, work, *args)

        def done(_future: asyncio.Future[T]) -> None:
            self._seconds += 0.1 * (time.perf_counter() - began - self._seconds)
            self._leave()

        # The thread works on when its caller goes away; only when it is free may the next enter.
        running.add_done_callback(done)
        return await asyncio.shield(running)

    async def _enter(self, client: str) -> None:
        if self._closed:
            raise Busy(_STOPPING, retry_after=2)
        if self._running < self.threads:
            self._running += 1
            return
        line = self._lines.get(client)
        if line is not None and len(line) >= max(2, self.room // SHARE):
            raise LoginThrottled("Too many logins from here at once.", retry_after=1)
        if self.waiting >= self.room:
            self._drop_from_longest(client)
        turn = asyncio.get_running_loop().create_future()
        self._lines.setdefault(client, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._leave()  # it was our turn already
            else:
                self._remove(client, turn)
            raise

    def _drop_from_longest(self, client: str) -> None:
        longest = max(self._lines, key=lambda key: len(self._lines[key]), default=client)
        mine = len(self._lines.get(client, ()))
        if longest == client or mine >= len(self._lines[longest]):
            raise Busy("Too many people log in just now.", retry_after=2)
        victim = self._lines[longest][-1]
        self._remove(longest, victim)
        if not victim.done():
            victim.set_exception(Busy("Too many people log in just now.", retry_after=2))

    def _remove(self, client: str, turn: asyncio.Future[None]) -> None:
        line = self._lines.get(client)
        if line is not None and turn in line:
            line.remove(turn)
            if not line:
                del self._lines[client]

    def _leave(self) -> None:
        while self._lines:
            client, line = next(iter(self._lines.items()))
            turn = line.popleft()
            if line:
                self._lines.move_to_end(client)
            else:
                del self._lines[client]
            if not turn.done():
                turn.set_result(None)
                return
        self._running -= 1
