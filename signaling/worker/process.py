"""The media worker as a process.

`python -m signaling.worker --socket PATH --address IP [--address IP …] [--port N] [--tcp …]`

Started by a `Supervisor`, and never outlives it: it ends when the parent's connection closes and
when nobody connects. SIGTERM retires it: it takes no new legs, and ends when those it has are gone,
after `RETIRE_WITHIN`, or on a second SIGTERM. Exit codes: 0 ended as asked, 2 could not start,
3 orphaned.
"""

import argparse
import asyncio
import contextlib
import gc
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path

import uvloop

from server.kit.log import configure
from signaling.media.events import RelayEvent
from signaling.media.relay import Relay
from signaling.media.tcp import TcpPlace
from signaling.worker.control import Control, Refusal

# A parent that starts a worker connects at once, or is dead.
PARENT_WITHIN = 10.0
# Time for its visits to move elsewhere, where there is an elsewhere.
RETIRE_WITHIN = 30.0
# For goodbyes to leave the sockets.
_FAREWELL = 0.05


def _address(text: str) -> str:
    """As it came, with both parts in their usual form."""
    return "/".join(str(ip_address(part)) for part in text.split("/", 1))


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m signaling.worker")
    parser.add_argument("--socket", type=Path, required=True, help="control socket to create")
    parser.add_argument(
        "--address",
        action="append",
        required=True,
        type=_address,
        help="address to bind and announce, or public/own; repeatable",
    )
    parser.add_argument("--port", type=int, default=0, help="UDP port (0: any free one)")
    parser.add_argument("--tcp-port", type=int, help="TCP port (0: any free one; default: none)")
    parser.add_argument(
        "--tcp-announced", type=int, default=0, help="TCP port to tell of, if it is another"
    )
    return parser.parse_args(argv)


async def serve(
    socket: Path, addresses: Sequence[str], port: int, tcp: TcpPlace | None = None
) -> int:
    """Run until told to stop; the exit code."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    def end_if_empty() -> None:
        if retiring and not relay.legs_open:
            end(0)

    def tell(happened: RelayEvent) -> None:
        control.tell(happened)
        end_if_empty()

    relay = Relay(addresses, port, on_event=tell, tcp=tcp)
    control = Control(relay, lambda: end(3))
    taken = retiring = False

    def accept() -> asyncio.Protocol:
        nonlocal taken
        if taken:
            return Refusal()
        taken = True
        return control

    def asked_to_end() -> None:
        nonlocal retiring
        if retiring or not control.connected:
            end(0)
            return
        retiring = True
        relay.drain()
        control.tell_retiring()
        loop.call_later(RETIRE_WITHIN, end, 0)
        end_if_empty()

    loop.add_signal_handler(signal.SIGTERM, asked_to_end)
    # Ctrl-C reaches the whole process group: the parent decides when its worker ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = await _listen(socket, accept)
    relay.start()
    # What was imported lives as long as the process: no look for garbage goes through it, which
    # would hold every packet up for as long as that takes.
    gc.collect()
    gc.freeze()
    orphaned = loop.call_later(PARENT_WITHIN, lambda: None if taken else end(3))
    try:
        return await ended
    finally:
        orphaned.cancel()
        relay.stop_legs()
        await asyncio.sleep(_FAREWELL)
        relay.stop()
        server.close()
        _remove(socket)


def _remove(socket: Path) -> None:
    with contextlib.suppress(OSError):
        socket.unlink()


async def _listen(socket: Path, accept: Callable[[], asyncio.Protocol]) -> asyncio.Server:
    """The control socket, for this user only from its first moment on (mode 0600)."""
    _remove(socket)
    before = os.umask(0o177)
    try:
        loop = asyncio.get_running_loop()
        return await loop.create_unix_server(accept, str(socket))
    finally:
        os.umask(before)


def _allow_connections() -> None:
    """Each takes a file descriptor; the usual limit of 1024 is for programs that use `select`."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _log_as_the_parent() -> None:
    """By its settings, which it has checked: to read them anew would cost each worker 12 MB."""
    chosen = {
        "log_format": os.environ.get("VARDRUM_LOG_FORMAT"),
        "level": os.environ.get("VARDRUM_LOG_LEVEL"),
    }
    configure(**{name: value for name, value in chosen.items() if value is not None})


def main(argv: Sequence[str]) -> int:
    """Parse and serve; a start that fails says why in one line."""
    arguments = _arguments(argv)
    _log_as_the_parent()
    try:
        tcp = None
        if arguments.tcp_port is not None:
            tcp = TcpPlace(arguments.tcp_port, arguments.tcp_announced)
            _allow_connections()
        return uvloop.run(serve(arguments.socket, arguments.address, arguments.port, tcp))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"media worker: {error}\n")
        return 2
