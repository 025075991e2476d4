"""The clients: `python -m tests.bench.signaling.load PORT NUMBER`, asked over standard input.

Several processes make the load, each with sockets of its own. See `serving.serve`.
"""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from typing import Any

import uvloop

from tests.bench.serving import serve
from tests.bench.signaling.sockets import Socket

#: How many come in at a time.
_DOORS = 20
EVERYBODY = "everybody"


def _line(body: str) -> dict[str, Any]:
    """A chat's line as our clients get it; every server passes on the same."""
    return {
        "type": "message.posted",
        "visit_id": str(uuid.uuid4()),
        "client_id": str(uuid.uuid4()),
        "seq": 7,
        "sender": "patient",
        "sender_name": "Astrid Lindqvist",
        "body": body,
        "sent_at": "2026-11-22T12:00:00Z",
    }


_BODY = "Jag har haft feber sedan i går kväll, och det gör ont i örat."


class Load:
    """What the parent may ask for."""

    def __init__(self, port: int, number: int) -> None:
        self._port = port
        self._number = number
        self._sockets: list[Socket] = []
        self._heard_before: list[int] = []

    async def open(self, count: int) -> dict[str, Any]:
        """So many more sockets."""
        doors = asyncio.Semaphore(_DOORS)
        fresh = [Socket(self._port) for _ in range(count)]

        async def enter(socket: Socket, name: str) -> None:
            async with doors:
                await socket.open()
                await socket.ask("enter", {"room": name})
                await socket.ask("enter", {"room": EVERYBODY})

        first = len(self._sockets)
        async with asyncio.TaskGroup() as group:
            for place, socket in enumerate(fresh, first):
                group.create_task(enter(socket, self._name(place)))
        self._sockets += fresh
        return {"deflating": sum(each.deflates for each in self._sockets)}

    async def echo(self, each: int, sockets: int) -> dict[str, Any]:
        """Each of so many sockets asks so often, the next when the last is answered."""
        said = _line(_BODY)
        wrong = 0
        times: list[float] = []

        async def one(socket: Socket) -> None:
            nonlocal wrong
            for _ in range(each):
                began = time.perf_counter()
                wrong += await socket.ask("echo", said) != said
                times.append(time.perf_counter() - began)

        await asyncio.gather(*(one(socket) for socket in self._sockets[:sockets]))
        return {"wrong": wrong, "times": times}

    async def relay(self, each: int, sockets: int) -> dict[str, Any]:
        """As many write to the next, who writes back: acknowledged, and heard by the other."""
        took: list[float] = []
        wrong = 0

        async def one(place: int) -> None:
            nonlocal wrong
            to = place ^ 1
            peer, socket = self._sockets[to], self._sockets[place]
            before = peer.heard
            wanted = {"to": self._name(to), "line": _line(_BODY)}
            for number in range(1, each + 1):
                began = time.perf_counter()
                asked = socket.ask("relay", wanted)
                answer, _ = await asyncio.gather(asked, peer.hear(before + number))
                wrong += answer != {"ok": True}
                took.append(time.perf_counter() - began)

        await asyncio.gather(*(one(place) for place in range(sockets)))
        return {"wrong": wrong, "times": took}

    async def listen(self) -> dict[str, Any]:
        """Remember what was heard so far: all processes must, before one of them speaks."""
        self._heard_before = [socket.heard for socket in self._sockets]
        return {}

    async def fan(self, count: int, speaks: bool) -> dict[str, Any]:
        """One speaks to everybody of all processes; how many heard it of ours since `listen`."""
        before = self._heard_before
        if speaks:
            speaker = self._sockets[0]
            said = {"to": EVERYBODY, "line": _line(_BODY)}
            for number in range(count):
                await speaker.ask("relay", said)
                await speaker.hear(before[0] + number + 1)
        heard = [self._sockets[n].hear(was + count) for n, was in enumerate(before)]
        await asyncio.gather(*heard)
        return {"heard": sum(s.heard - was for s, was in zip(self._sockets, before, strict=True))}

    async def close(self) -> dict[str, Any]:
        """All sockets are gone."""
        for socket in self._sockets:
            socket.close()
        self._sockets.clear()
        return {}

    def _name(self, place: int) -> str:
        return f"{self._number}-{place}"


if __name__ == "__main__":
    uvloop.run(serve(Load(int(sys.argv[1]), int(sys.argv[2]))))
