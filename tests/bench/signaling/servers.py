"""The servers written in Python: `python -m tests.bench.signaling.servers ours|plain`.

Prints its port once it listens, and serves until SIGTERM. Three events: `echo` is acknowledged
with what was sent; `relay` goes on to a room, as a chat's line does, and is acknowledged; `enter`
joins a room. Nobody logs in: it is the transport that is measured.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import datetime
from typing import Any

import socketio
import uvloop
from aiohttp import web

from server.kit.log import configure
from signaling.outgoing import Outgoing, To
from signaling.transport import HintServer
from signaling.wire.hints import MessagePosted

NAMESPACE = "/patient"
_OK = {"ok": True}


def ours(app: web.Application) -> Any:
    """The product's transport and its one way out, with its closed types for what leaves."""
    configure("json", "ERROR")

    async def dispatch(
        namespace: str, sid: str, name: str, args: tuple[Any, ...]
    ) -> dict[str, Any]:
        said: dict[str, Any] = args[0]
        if name == "echo":
            return said
        if name == "relay":
            line = said["line"]
            sent_at = datetime.fromisoformat(line["sent_at"])
            outgoing.put(To(namespace, said["to"]), MessagePosted(**(line | {"sent_at": sent_at})))
        else:
            await sio.enter_room(sid, said["room"], namespace)
        return _OK

    sio = HintServer([NAMESPACE], dispatch)
    outgoing = Outgoing(sio)
    sio.attach(app)

    async def start(_app: web.Application) -> None:
        outgoing.start()

    async def stop(_app: web.Application) -> None:
        outgoing.stop()

    app.on_startup.append(start)
    app.on_cleanup.append(stop)
    return sio


def plain(app: web.Application) -> Any:
    """python-socketio as its documentation shows it."""
    sio = socketio.AsyncServer(async_mode="aiohttp", transports=["websocket"])

    async def echo(_sid: str, said: Any) -> Any:
        return said

    async def relay(_sid: str, said: Any) -> Any:
        await sio.emit("message.posted", said["line"], room=said["to"], namespace=NAMESPACE)
        return _OK

    async def enter(sid: str, said: Any) -> Any:
        await sio.enter_room(sid, said["room"], namespace=NAMESPACE)
        return _OK

    async def connect(_sid: str, _environ: Any) -> None:
        pass

    for handler in (echo, relay, enter, connect):
        sio.on(handler.__name__, handler, namespace=NAMESPACE)
    sio.attach(app)
    return sio


async def main(arm: str) -> None:
    """Serve until SIGTERM."""
    app = web.Application()
    sio = {"ours": ours, "plain": plain}[arm](app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await ended.wait()
    await sio.shutdown()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
