"""The bus over Redis' publish and subscribe, which keeps nothing.

A connection may be dead without a word: the network swallows what is sent, or Redis stands still.
So each process calls out to itself every second; who does not hear its own voice takes the bus for
dead, throws the connections away and tries anew.
"""

import asyncio
import random
import zlib
from collections import deque
from typing import Any

import orjson
import redis.asyncio as redis
from redis import __version__ as version
from redis.driver_info import DriverInfo
from redis.exceptions import RedisError
from typing_extensions import override

from server.kit import tasks
from server.kit.bus import Listeners, Word
from server.kit.log import get_logger

log = get_logger(__name__)

# Seconds.
BEAT = 1.0
SILENT_AFTER = 2.5
ANSWER_WITHIN = 2.0
LONGEST_PAUSE = 3.0
# Words that wait to be sent; beyond that the oldest are lost, as any word may be.
MOST_WAITING = 10_000
# Octets: more than a snapshot of everybody's presence takes.
LONGEST_WORD = 32 << 20
_CANARY = "canary"


class RedisBus(Listeners):
    """``Bus`` over a Redis server (or what speaks its protocol)."""

    def __init__(self, url: str, installation: str) -> None:
        """``installation``: those who share a Redis hear only others with the same one."""
        super().__init__()
        self._url = url
        self._channel = f"vardrum:{installation}"
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._some = asyncio.Event()
        self._heard_self = 0.0
        self._up = False
        self._task: asyncio.Task[None] | None = None

    @property
    def up(self) -> bool:
        """Whether this process heard itself lately."""
        return self._up

    def start(self) -> None:
        """Connect, and stay connected as long as Redis lets us. Whether it is there or not."""
        self._task = tasks.spawn(self._run(), "bus")

    async def stop(self) -> None:
        """Say what waits, if it goes at once, and hang up."""
        if self._task is not None:
            for _ in range(20):
                if not (self._up and self._waiting):
                    break
                await asyncio.sleep(0.01)
            await tasks.cancel(self._task)
            self._task = None

    def publish(self, topic: str, word: Word) -> None:
        """See ``Bus``. While the bus is down nothing is kept for later: it would be old then."""
        if self._up:
            self._put(topic, word)

    def _put(self, topic: str, word: Word) -> None:
        # Many events ring the same bell; one is enough.
        line = orjson.dumps([self.name, topic, word])
        if not self._waiting or self._waiting[-1] != line:
            self._waiting.append(line)
            self._some.set()

    async def _run(self) -> None:
        pause = 0.1
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._connected()
            except (RedisError, OSError, TimeoutError, _Silent) as error:
                log.warning("bus.lost", error=error)
            except Exception as error:
                log.error("bus.failed", error=error)
            finally:
                self._turn(up=False)
            lived = asyncio.get_running_loop().time() - began
            pause = 0.1 if lived > 2 * LONGEST_PAUSE else min(LONGEST_PAUSE, pause * 2)
            # Drawn, so that not every process knocks at the same moment.
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311

    async def _connected(self) -> None:
        client = redis.Redis.from_url(
            self._url,
            socket_connect_timeout=ANSWER_WITHIN,
            socket_timeout=ANSWER_WITHIN,
            health_check_interval=0,
            retry=None,
            retry_on_error=[],
            max_connections=2,
            # By itself it reads its version from disk for every connection, on the event loop.
            driver_info=DriverInfo(lib_version=version),
        )
        self._waiting.clear()
        try:
            async with client.pubsub() as ear, asyncio.TaskGroup() as group:
                await ear.subscribe(self._channel)
                self._heard_self = asyncio.get_running_loop().time()
                group.create_task(self._listen(ear))
                group.create_task(self._speak(client))
                group.create_task(self._beat())
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        finally:
            await _quietly(client)

    async def _beat(self) -> None:
        """Call out to ourselves, and give up when we do not hear it."""
        loop = asyncio.get_running_loop()
        while True:
            self._put(_CANARY, None)
            await asyncio.sleep(BEAT)
            if loop.time() - self._heard_self > SILENT_AFTER:
                raise _Silent("the bus is silent")

    async def _speak(self, client: redis.Redis) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            said = list(self._waiting)
            self._waiting.clear()
            async with client.pipeline(transaction=False) as pipe:
                for line in said:
                    _ = pipe.publish(self._channel, line)
                await pipe.execute()

    async def _listen(self, ear: Any) -> None:
        while True:
            # The time limit ends this wait, not the connection.
            message = await ear.get_message(ignore_subscribe_messages=True, timeout=BEAT)
            if message is not None:
                self._message(message.get("data"))

    def _message(self, data: object) -> None:
        found = _read(data)
        if found is None:
            log.warning("bus.word_not_read", octets=len(data) if isinstance(data, bytes) else 0)
            return
        sender, topic, word = found
        if sender != self.name:
            self.hear(topic, sender, word)
        elif topic == _CANARY:
            self._heard_self = asyncio.get_running_loop().time()
            self._turn(up=True)

    def _turn(self, *, up: bool) -> None:
        if up != self._up:
            self._up = up
            log.info("bus.up" if up else "bus.down")
            self.tell_change(up=up)


class _Silent(Exception):
    """We don't hear ourselves."""

    @override
    def __str__(self) -> str:
        return "the bus is silent"


def installation(database: str) -> str:
    """What the processes over one database are called together; tells nobody which it is."""
    return f"{zlib.crc32(database.encode()):08x}"


def _read(data: object) -> tuple[str, str, Word] | None:
    """Who said what; None for what is no word of ours."""
    if not isinstance(data, bytes) or len(data) > LONGEST_WORD:
        return None
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    match found:
        case [str() as sender, str() as topic, word]:
            return sender, topic, word
        case _:
            return None


async def _quietly(client: redis.Redis) -> None:
    """Hang up; a connection that is dead can't be told."""
    try:
        async with asyncio.timeout(0.2):
            await client.aclose()
    except (RedisError, OSError, TimeoutError):
        pass
