"""A media node's line to its servers: strangers, another release, and who speaks in between."""

import asyncio
import json
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from unittest import mock

from typing_extensions import override

from signaling.rooms.media_port import MediaPort
from signaling.worker import node_legs, node_line, wire
from signaling.worker.events import read_shared
from signaling.worker.lines import MAX_LINE
from signaling.worker.node import NodeServer
from signaling.worker.node_line import NodeLine
from signaling.worker.sealing import CHALLENGE, Seal, proof
from tests.fuzz.harness import Target
from tests.fuzz.mutate import broken, broken_json, dump, encode, noise
from tests.fuzz.shapes import Shape

_TOKEN = b"a token of thirty-two characters"
_NODES, _SERVERS = "a" * CHALLENGE, "b" * CHALLENGE
_HELLO = {"challenge": _SERVERS, "proof": proof(_TOKEN, "server", _NODES, _SERVERS)}
_POOLS = {
    "visit_id": ["v1", "v2"],
    "leg_id": ["l1", "l2", "l3"],
    "sender": ["l1", "l2", "l3"],
    "participant": ["p1", "p2"],
    "card": ["{}", "a card"],
    "sdp": ["v=0"],
}


class Media:
    """Opens legs and does with them whatever it is asked to."""

    def on_event(self, _listener: object) -> None:
        """Nothing happens here by itself."""

    async def open_leg(self, *_: object, **__: object) -> str:
        return "v=0"

    async def restart(self, _leg_id: str) -> str:
        return "v=0"

    async def stats(self) -> dict[str, Any]:
        leg = {"visit_id": "v1", "quality": {}}
        return {"workers": [{"legs_open": 1, "legs": {"l1": leg, "l9": leg}}, None]}

    async def answer(self, *_: object, **__: object) -> None:
        """Taken."""

    present = prefer = switch = close_leg = answer


class Pipe:
    """A TCP connection of which one end is a string of bytes."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed, "nothing is said to whom one hung up on"
        self.written += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0

    def get_extra_info(self, _name: str) -> object:
        return SimpleNamespace(setsockopt=lambda *_: None)


class Other:
    """Another server, which believes what the node tells it, and holds it against its bounds."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def tell(self, message: dict[str, Any]) -> None:
        self.told.append(message)

    def check(self) -> None:
        """Each can be read, and whose card was told was told as over, once everybody is gone."""
        cards: dict[str, int] = {}
        for message in self.told:
            read_shared(json.loads(json.dumps(message)))
            leg_id = str(message.get("leg_id"))
            if message["event"] == "leg.card":
                assert len(message["card"]) <= wire.MAX_CARD
                cards[leg_id] = cards.get(leg_id, 0) + 1
            elif message["event"] == "leg.ended":
                cards.pop(leg_id, None)
        assert not cards, "a card whose leg nobody ended"
        self.told.clear()


class Node(Target):
    """Who does not know the token is told nothing and hung up on; who does, each answer once."""

    name = "node"
    episode = 2500
    reaches = frozenset(
        {
            "nothing said", "hung up on a stranger", "let in", "hung up after", "ok",
            "request.invalid", "media.no_leg",
        }
    )  # fmt: skip

    @override
    def prepare(self) -> None:
        self.shape = Shape(wire.requests.json_schema(), _POOLS)
        rng = Random(1)
        self.samples = [json.dumps(self.shape.make(rng)).encode() for _ in range(40)]
        # What would happen after some seconds happens at once.
        self.hurry = [
            mock.patch.object(node_line, "PROOF_WITHIN", 0.0),
            mock.patch.object(node_legs, "KEPT_FOR", 0.0),
        ]
        for each in self.hurry:
            each.start()

    @override
    def finish(self) -> None:
        for each in self.hurry:
            each.stop()

    @override
    async def open(self, rng: Random) -> None:
        self.node = NodeServer(cast("MediaPort", Media()), _TOKEN)
        self.other = Other()
        self.node.legs.watch(self.other)

    @override
    def make(self, rng: Random) -> bytes:
        hello = json.dumps(_HELLO).encode()
        match rng.randrange(8):
            case 0:
                return noise(rng) + b"\n"
            case 1:
                return broken(rng, hello, self.samples) + rng.choice((b"\n", b""))
            case 2:
                return encode(dump(rng, broken_json(rng, _HELLO))) + b"\n"
            case 3 if rng.random() < 0.02:
                return rng.choice((b"[", b'"x', b"\xff")) * (MAX_LINE + 9) + b"\n"
        seal = Seal(_TOKEN, "server", _NODES, _SERVERS)
        lines = [hello, *(seal.close(self._said(rng)) for _ in range(rng.randrange(5)))]
        said = b"".join(line + b"\n" for line in lines)
        if rng.random() < 0.2:  # somebody speaks in between
            said = said[: len(hello) + 1] + broken(rng, said[len(hello) + 1 :], self.samples)
        return said

    def _said(self, rng: Random) -> bytes:
        value = self.shape.make(rng)
        if rng.random() < 0.4:
            value = broken_json(rng, value)
        # A line of ours has no line in it.
        return encode(dump(rng, value)).replace(b"\n", b" ").strip() or b"0"

    @override
    async def take(self, data: bytes) -> str:
        pipe, line = Pipe(), NodeLine(self.node)
        line._challenge = _NODES
        line.connection_made(cast("asyncio.WriteTransport", pipe))
        half = len(data) // 2
        for part in (data[:half], data[half:]):
            if not pipe.closed:
                line.data_received(part)
        in_time = pipe.closed
        for _ in range(6):
            await asyncio.sleep(0)
        told, proved = pipe.written.splitlines()[1:], line.proved
        line.connection_lost(None)
        if not proved:
            assert told == [], "a stranger is told nothing"
            assert pipe.closed, "a stranger does not stay"
            return "hung up on a stranger" if in_time else "nothing said"
        return self._answered(told, data, hung_up=pipe.closed)

    def _answered(self, told: list[bytes], data: bytes, *, hung_up: bool) -> str:
        (first, *sealed), opener = told, Seal(_TOKEN, "node", _NODES, _SERVERS)
        assert json.loads(first) == {"proof": proof(_TOKEN, "node", _NODES, _SERVERS)}
        answers = [json.loads(opener.open(each)) for each in sealed]
        answers = [each for each in answers if "event" not in each]
        assert len(answers) <= data.count(b"\n") + 1
        if hung_up:
            return "hung up after"
        if not answers:
            return "let in"
        last = answers[-1]
        code = "ok" if last["ok"] else str(last["error"]["code"])
        assert last.get("error", {}).get("message") != "internal error", last
        return code

    @override
    async def settle(self) -> None:
        for _ in range(8):
            await asyncio.sleep(0)
        self.other.check()
        assert len(self.node.legs) == len(self.node.legs._places) == 0, "what nobody keeps is gone"

    @override
    async def close(self) -> None:
        assert not self.node.lines
        assert await self.take(self._ping()) == "ok"

    def _ping(self) -> bytes:
        seal = Seal(_TOKEN, "server", _NODES, _SERVERS)
        return json.dumps(_HELLO).encode() + b"\n" + seal.close(b'{"id": 1, "op": "ping"}') + b"\n"
