"""Janus, as a process of its own: a visit by its `videocall` plugin, and by its `videoroom`.

https://janus.conf.meetecho.com/docs/rest.html, …/videocall.html, …/videoroom.html
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
from typing_extensions import override

from tests.bench.process import cores, pin
from tests.bench.relay.arms import Arm
from tests.bench.relay.load import Home, Robot, Visit

_PLUGINS = Path("/usr/lib/x86_64-linux-gnu/janus/plugins")
_USED = ("libjanus_videocall.so", "libjanus_videoroom.so")
#: It answers from memory: who has heard nothing for so many seconds hears nothing more.
_PATIENCE = 20.0

#: JANUS_VIDEOROOM_ERROR_NO_SUCH_FEED
_NO_SUCH_FEED = 428

Event = dict[str, Any]


class NoSuchFeed(Exception):
    """Nobody sends under this name, or not yet."""


class _Api:
    """The API over its WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count()
        self._asked: dict[str, asyncio.Future[Event]] = {}
        self._events: dict[int, asyncio.Queue[Event]] = {}
        self.session = 0

    async def read(self) -> None:
        async for message in self._socket:
            told: Event = message.json()
            waiting = self._asked.get(told.get("transaction", ""))
            if told["janus"] in ("success", "error") and waiting is not None:
                waiting.set_result(told)
            elif told["janus"] == "event":
                self._of(told["sender"]).put_nowait(told)

    def _of(self, handle: int) -> asyncio.Queue[Event]:
        return self._events.setdefault(handle, asyncio.Queue())

    async def ask(self, janus: str, **asked: object) -> Event:
        """A request that is answered at once."""
        name = f"t{next(self._numbers)}"
        self._asked[name] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"janus": janus, "transaction": name} | asked)
        told = await asyncio.wait_for(self._asked[name], _PATIENCE)
        del self._asked[name]
        if told["janus"] == "error":
            raise RuntimeError(f"Janus: {told['error']}")
        return told

    async def attach(self, plugin: str) -> int:
        """A handle: one connection to a plugin."""
        told = await self.ask("attach", session_id=self.session, plugin=f"janus.plugin.{plugin}")
        return int(told["data"]["id"])

    async def say(self, handle: int, body: Event, sdp: str = "", kind: str = "offer") -> None:
        """A message to the plugin, which answers by an event."""
        jsep = {"jsep": {"type": kind, "sdp": sdp}} if sdp else {}
        name = f"t{next(self._numbers)}"
        await self._socket.send_json(
            {"janus": "message", "transaction": name, "session_id": self.session}
            | {"handle_id": handle, "body": body}
            | jsep
        )

    async def hear(self, handle: int, wanted: Callable[[Event], bool]) -> Event:
        """The next event of the plugin that is wanted; others are passed over."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                told = await self._of(handle).get()
                data = told["plugindata"]["data"]
                if data.get("error_code") == _NO_SUCH_FEED:
                    raise NoSuchFeed
                if "error" in data:
                    raise RuntimeError(f"Janus: {data['error']}")
                if wanted(data):
                    return told


class VideoCall(Arm):
    """Its relay for two: one connection a person."""

    def __init__(self, pid: int, api: _Api) -> None:
        self.pid = pid
        self._api = api
        self._numbers = itertools.count()

    @override
    async def visit(self, home: Home, people: int) -> Visit:
        assert people == 2
        api, name = self._api, f"v{next(self._numbers)}"
        handles = [await api.attach("videocall") for _ in range(2)]
        for side, handle in enumerate(handles):
            await api.say(handle, {"request": "register", "username": f"{name}-{side}"})
            await api.hear(handle, lambda data: data["result"]["event"] == "registered")
        caller, callee = handles
        one, offer = await home.offer("sendrecv", tagged=True)
        await api.say(caller, {"request": "call", "username": f"{name}-1"}, offer)
        told = await api.hear(callee, lambda data: data["result"]["event"] == "incomingcall")
        other, answer = await home.answer(told["jsep"]["sdp"], "sendrecv", tagged=True)
        await api.say(callee, {"request": "accept"}, answer, "answer")
        told = await api.hear(caller, lambda data: data["result"]["event"] == "accepted")
        await one.accept(told["jsep"]["sdp"])
        visit = Visit([[one], [other]])
        await home.ask("connect", robots=[robot.number for robot in visit.robots])
        return visit


class VideoRoom(Arm):
    """Its room for several: a person sends over one connection and receives over another."""

    def __init__(self, pid: int, api: _Api) -> None:
        self.pid = pid
        self._api = api

    @override
    async def visit(self, home: Home, people: int) -> Visit:
        api = self._api
        keeper = await api.attach("videoroom")
        room: Event = {"request": "create", "publishers": people, "bitrate": 3_000_000}
        made = await api.ask("message", session_id=api.session, handle_id=keeper, body=room)
        name = made["plugindata"]["data"]["room"]
        published = [await self._publish(home, name) for _ in range(people)]
        await home.ask("connect", robots=[robot.number for robot, _ in published])
        visit = Visit()
        for robot, feed in published:
            others = [each for _, each in published if each != feed]
            visit.people.append([robot, await self._subscribe(home, name, others)])
        await home.ask("connect", robots=[r.number for r in visit.robots if r.receives])
        return visit

    async def _publish(self, home: Home, room: int) -> tuple[Robot, int]:
        api = self._api
        handle = await api.attach("videoroom")
        await api.say(handle, {"request": "join", "ptype": "publisher", "room": room})
        told = await api.hear(handle, lambda data: data["videoroom"] == "joined")
        robot, offer = await home.offer("sendonly", tagged=True)
        await api.say(handle, {"request": "publish"}, offer)
        answer = await api.hear(handle, lambda data: data.get("configured") == "ok")
        await robot.accept(answer["jsep"]["sdp"])
        return robot, told["plugindata"]["data"]["id"]

    async def _subscribe(self, home: Home, room: int, feeds: list[int]) -> Robot:
        api = self._api
        handle = await api.attach("videoroom")
        streams = [{"feed": feed} for feed in feeds]
        body = {"request": "join", "ptype": "subscriber", "room": room, "streams": streams}
        told = None
        async with asyncio.timeout(_PATIENCE):
            while told is None:
                await api.say(handle, body)
                try:
                    told = await api.hear(handle, lambda data: data["videoroom"] == "attached")
                except NoSuchFeed:  # its own side of the publisher's connection is not up yet
                    await asyncio.sleep(0.05)
        robot, answer = await home.answer(told["jsep"]["sdp"], "recvonly", tagged=True)
        await api.say(handle, {"request": "start"}, answer, "answer")
        await api.hear(handle, lambda data: data.get("started") == "ok")
        return robot


def _settings(folder: Path, address: str, port: int) -> None:
    unused = [each.name for each in _PLUGINS.glob("*.so") if each.name not in _USED]
    transports = _PLUGINS.parent / "transports"
    others = [each.name for each in transports.glob("*.so") if "websockets" not in each.name]
    (folder / "janus.jcfg").write_text(
        f"""general: {{ configs_folder = "{folder}", debug_level = 2, session_timeout = 0 }}
nat: {{ ice_enforce_list = "{address}" }}
plugins: {{ disable = "{",".join(unused)}" }}
transports: {{ disable = "{",".join(others)}" }}
"""
    )
    (folder / "janus.transport.websockets.jcfg").write_text(
        f'general: {{ ws = true, ws_port = {port}, ws_ip = "127.0.0.1", wss = false }}\n'
    )
    for plugin in ("videocall", "videoroom"):
        (folder / f"janus.plugin.{plugin}.jcfg").write_text("general: { }\n")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_here() -> bool:
    """Whether this machine has Janus. No test needs it, and Debian's package starts a service."""
    return shutil.which("janus") is not None


@asynccontextmanager
async def _janus(address: str) -> AsyncIterator[tuple[int, _Api]]:
    program = shutil.which("janus")
    assert program is not None
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="vardrum-janus-") as name:
        folder = Path(name)
        _settings(folder, address, port)
        with (folder / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                program, "-F", name, "-C", str(folder / "janus.jcfg"), stdout=log, stderr=log
            )
        pin(process.pid, cores()[0])
        try:
            async with aiohttp.ClientSession() as http, await _open(http, port) as connection:
                api = _Api(connection)
                async with asyncio.TaskGroup() as group:
                    reading = group.create_task(api.read())
                    api.session = (await api.ask("create"))["data"]["id"]
                    yield process.pid, api
                    reading.cancel()
        finally:
            process.kill()
            await process.wait()


async def _open(http: aiohttp.ClientSession, port: int) -> aiohttp.ClientWebSocketResponse:
    async with asyncio.timeout(_PATIENCE):
        while True:
            with suppress(aiohttp.ClientConnectionError):
                return await http.ws_connect(
                    f"http://127.0.0.1:{port}", protocols=["janus-protocol"], max_msg_size=1 << 24
                )
            await asyncio.sleep(0.1)


@asynccontextmanager
async def videocall(address: str) -> AsyncIterator[Arm]:
    """One Janus, for two at a time."""
    async with _janus(address) as (pid, api):
        yield VideoCall(pid, api)


@asynccontextmanager
async def videoroom(address: str) -> AsyncIterator[Arm]:
    """One Janus, for several at a time."""
    async with _janus(address) as (pid, api):
        yield VideoRoom(pid, api)
