"""The control socket between the server and the media worker, from both ends."""

import asyncio
import json
from random import Random
from typing import Any, cast

import orjson
from typing_extensions import override

from signaling.rooms.media_port import MediaError, MediaEvent
from signaling.worker import wire
from signaling.worker.client import WorkerClient
from signaling.worker.control import Control
from signaling.worker.lines import MAX_LINE
from tests.fuzz.harness import Target
from tests.fuzz.mutate import broken, broken_json, dump, encode, noise
from tests.fuzz.shapes import Shape
from tests.fuzz.targets.sdp import ANSWERS, answer
from tests.fuzz.world import MemoryRelay

_POOLS = {
    "visit_id": [f"v{n}" for n in range(3)],
    "leg_id": [f"l{n}" for n in range(6)],
    "sdp": ANSWERS,
}


class Pipe:
    """A transport that keeps what was written."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return False

    def take(self) -> list[dict[str, Any]]:
        lines, self.written = self.written.splitlines(), b""
        return [json.loads(line) for line in lines]


def _line(rng: Random, value: Any, samples: list[bytes]) -> bytes:
    """A message as a line, with something wrong in it; whole, cut up, or without an end."""
    match rng.randrange(12):
        case 0:
            return noise(rng) + b"\n"
        case 1:
            return broken(rng, rng.choice(samples), samples) + b"\n"
        case 2:
            return dump(rng, value).encode("utf-8", "replace")  # its end comes with the next
        case 3 if rng.random() < 0.02:
            return rng.choice((b"[", b'"x', b" ", b"\xff")) * (MAX_LINE + 9) + b"\n"
        case 4 | 5:
            return encode(dump(rng, value)) + rng.choice((b"\n", b"\r\n", b"\n\n\0\n"))
        case _:
            return encode(dump(rng, broken_json(rng, value))) + b"\n"


class Worker(Target):
    """Every line is answered once, with an error or without; the worker goes on."""

    name = "worker"
    episode = 2500
    reaches = frozenset(
        {
            "ok", "request.malformed", "request.invalid", "request.too_large", "media.bad_sdp",
            "media.no_leg", "media.leg_exists",
        }
    )  # fmt: skip

    @override
    def prepare(self) -> None:
        self.shape = Shape(wire.requests.json_schema(), _POOLS)
        rng = Random(1)
        self.samples = [json.dumps(self.shape.make(rng)).encode() for _ in range(40)]

    @override
    async def open(self, rng: Random) -> None:
        self.world = MemoryRelay(capacity=5)
        self.pipe = Pipe()
        self.control = Control(self.world.relay, lambda: None)
        self.control.connection_made(cast("asyncio.WriteTransport", self.pipe))
        self._still_works()

    def _still_works(self) -> None:
        self.control.data_received(b'\n{"id": 5, "op": "ping"}\n')
        assert {"id": 5, "ok": True} in self.pipe.take()

    @override
    def make(self, rng: Random) -> bytes:
        value = self.shape.make(rng)
        if value["op"] == "drain":
            value["op"] = "ping"
        if "sdp" in value and rng.random() < 0.5:
            value["sdp"] = answer(rng)
        return _line(rng, value, self.samples)

    @override
    async def take(self, data: bytes) -> str:
        half = len(data) // 2
        self.control.data_received(data[:half])
        self.control.data_received(data[half:])
        found = [each for each in self.pipe.take() if "event" not in each]
        assert len(found) <= data.count(b"\n") + 1
        self.world.relay.draining = False
        await asyncio.sleep(0)
        if not found:
            return "unanswered"
        last = found[-1]
        assert last.keys() >= {"id", "ok"}
        code = "ok" if last["ok"] else str(last["error"]["code"])
        assert code != "media.error", last
        return code

    @override
    async def settle(self) -> None:
        for leg_id in list(self.world.relay._legs):
            self.world.relay.close(leg_id)
        self.world.events.clear()
        self.pipe.take()
        for _ in range(6):
            await asyncio.sleep(0)

    @override
    async def close(self) -> None:
        self._still_works()
        relay = self.world.relay
        assert len(relay._legs) <= relay.capacity
        await self.world.stop()
        assert not relay._by_ufrag
        assert not relay._visits


class Parent(Target):
    """What a worker out of its mind says neither ends the connection nor reaches a listener."""

    name = "parent"
    episode = 2500
    # The other end is a part of ours: what it garbles is a fault that an operator must see.
    tolerated = frozenset({"media.line_too_long", "media.line_malformed"})
    reaches = frozenset({"answered", "nothing", "event", "MediaError", "MediaUnavailable"})

    @override
    def prepare(self) -> None:
        self.values: list[dict[str, Any]] = [
            {"id": 1, "ok": True},
            {"id": 1, "ok": True, "sdp": "v=0"},
            wire.failure(1, "media.no_leg", "no such leg"),
            wire.failure(1, "media.full", "full"),
            {"event": "leg.state", "leg_id": "l", "visit_id": "v", "state": "connected"},
            {"event": "leg.media", "leg_id": "l", "audio": True, "video": False},
            {
                "event": "leg.slots",
                "leg_id": "l",
                "slots": ["p", None],
                "screen": "p",
                "held": True,
                "preferred_held": False,
            },
            {"event": "leg.judged", "leg_id": "l", "word": "bad", "reason": "loss", "way": "up"},
            {
                "event": "leg.over",
                "leg_id": "l",
                "visit_id": "v",
                "state": "closed",
                "quality": {
                    "seconds": 61.5, "transport": "tcp", "loss_up": 0.01, "loss_down": None,
                    "jitter_up_ms": 2.0, "jitter_down_ms": 0.4, "round_trip_p50_ms": 31.0,
                    "round_trip_p95_ms": 58.0, "bitrate_up": 900_000, "bitrate_down": None,
                    "restarts": 0, "interruptions": 1,
                },
            },
        ]  # fmt: skip
        self.samples = [orjson.dumps(each) for each in self.values]

    @override
    async def open(self, rng: Random) -> None:
        self.heard: list[MediaEvent] = []
        self.client = WorkerClient()
        self.pipe = Pipe()
        self.client.connection_made(cast("asyncio.WriteTransport", self.pipe))
        self.client.on_event(self.heard.append)
        await self._still_works()

    async def _still_works(self) -> None:
        self.client.data_received(b"\n")
        asked = asyncio.get_running_loop().create_task(self.client.restart("l"))
        await asyncio.sleep(0)
        (sent,) = self.pipe.take()
        self.client.data_received(
            orjson.dumps({"id": sent["id"], "ok": True, "sdp": "v=0"}) + b"\n"
        )
        assert await asked == "v=0"
        self.heard.clear()
        for event in self.samples[-3:]:
            self.client.data_received(event + b"\n")
        assert len(self.heard) == 3

    @override
    def make(self, rng: Random) -> bytes:
        return _line(rng, rng.choice(self.values), self.samples)

    @override
    async def take(self, data: bytes) -> str:
        self.heard.clear()
        # The first number of a fresh client is 1, as in the samples.
        self.client._last_id = 0
        asked = asyncio.get_running_loop().create_task(self.client.restart("l"))
        await asyncio.sleep(0)
        self.pipe.take()
        self.client.data_received(data)
        for event in self.heard:
            assert isinstance(event.leg_id, str)  # type: ignore[union-attr]
        await asyncio.sleep(0)
        if not asked.done():
            asked.cancel()
        try:
            await asked
        except asyncio.CancelledError:
            return "event" if self.heard else "nothing"
        except MediaError as error:
            return type(error).__name__
        return "answered"

    @override
    async def close(self) -> None:
        await self._still_works()
        assert not self.client._waiting
