"""What is heard over Redis: other servers, other releases, and whoever else has its password."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson
from typing_extensions import override

from server.kit.bus import FAILURES, PRESENCE
from server.kit.clock import FrozenClock
from server.kit.redis_bus import RedisBus
from server.login.throttle import Throttle
from signaling.presence.elsewhere import words
from signaling.presence.shared import SharedPresence
from signaling.presence.tracker import PresenceTracker
from tests.fuzz.harness import Target
from tests.fuzz.mutate import broken, broken_json, dump, encode, noise
from tests.fuzz.shapes import Shape

_NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
_PEOPLE = [f"person {number}" for number in range(8)]
_POOLS: dict[str, list[Any]] = {
    "account": _PEOPLE,
    "accounts": [_PEOPLE[:3], _PEOPLE, []],
    "of": ["p", "q"],
}
_HERE = "somebody with a socket here"


class Words(Target):
    """Nothing that is said elsewhere takes one's own people away, or ends the listening."""

    name = "bus"
    episode = 2500
    reaches = frozenset({"presence", "failure", "not a word", "topic unknown"})

    @override
    def prepare(self) -> None:
        self.shape = Shape(words.json_schema(), _POOLS)

    @override
    async def open(self, rng: Random) -> None:
        clock = FrozenClock(_NOW)
        self.bus = RedisBus("redis://127.0.0.1:1", "fuzz")
        self.tracker = PresenceTracker(clock.now, lambda _account, _here: None, timedelta(hours=1))
        self.shared = SharedPresence(self.bus, self.tracker)
        self.shared.start()
        throttle = Throttle(5, 60)
        throttle.share(self.bus, FAILURES, clock)
        self.tracker.opened(_HERE)

    @override
    async def close(self) -> None:
        assert self.tracker.here() == [_HERE]
        assert self.tracker.is_online(_HERE)
        # A server that comes and says who is there is understood, whatever was said before.
        said = {"say": "all", "number": 1, "accounts": ["a newcomer"]}
        self.bus._message(orjson.dumps(["a new server", PRESENCE, said]))
        assert self.tracker.is_online("a newcomer")
        await self.shared.stop()
        self.tracker.stop()

    @override
    def make(self, rng: Random) -> bytes:
        word: Any = self.shape.make(rng)
        topic = PRESENCE
        match rng.randrange(8):
            case 0:
                return noise(rng)
            case 1:
                topic = rng.choice(["canary", "events", "no such topic", "", PRESENCE])
            case 2 | 3:
                topic = FAILURES
                right = rng.choice(({"right": True}, {"strange": rng.random() < 0.5}))
                word = {"name": rng.choice(_PEOPLE), "client": rng.choice("abc"), **right}
            case _:
                pass
        line: Any = [rng.choice("pqr"), topic, word]
        if rng.random() < 0.4:
            line = broken_json(rng, line)
        data = encode(dump(rng, line))
        return broken(rng, data, [data]) if rng.random() < 0.2 else data

    @override
    async def take(self, data: bytes) -> str:
        self.bus._message(data)
        try:
            found = orjson.loads(data)
        except orjson.JSONDecodeError:
            return "not a word"
        match found:
            case [str(), "presence", dict()]:
                return "presence"
            case [str(), "failures", dict()]:
                return "failure"
            case [str(), str(), _]:
                return "topic unknown"
            case _:
                return "not a word"
