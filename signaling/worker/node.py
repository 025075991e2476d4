"""A media node's end of the control socket over TCP: the same lines, sealed, from several servers.

Behind it is a pool of workers on this machine, who see neither the token nor the servers.
"""

import asyncio

from signaling.rooms.media_port import MediaPort
from signaling.worker.node_legs import NodeLegs
from signaling.worker.node_line import NodeLine

# Connections that have not proved themselves.
MAX_UNPROVED = 16


class NodeServer:
    """Takes connections of servers."""

    def __init__(self, media: MediaPort, token: bytes) -> None:
        self.media = media
        self.token = token
        self.legs = NodeLegs(media)
        # In the order in which they came.
        self.lines: dict[NodeLine, None] = {}
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; the port. Raises `OSError`."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: NodeLine(self), host, port)
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Hang up on every server: its legs are homeless."""
        if self._server is not None:
            self._server.close()
        for line in list(self.lines):
            line.hang_up()

    def came(self, line: NodeLine) -> None:
        """Of those who have proved nothing the oldest goes, so that nobody can lock others out."""
        unproved = [each for each in self.lines if not each.proved]
        if len(unproved) >= MAX_UNPROVED:
            unproved[0].hang_up()
            del self.lines[unproved[0]]
        self.lines[line] = None

    def gone(self, line: NodeLine) -> None:
        """A server's connection is gone; its legs follow after a while, or are adopted."""
        self.lines.pop(line, None)
        self.legs.gone(line)
