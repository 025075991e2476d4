"""Who gets a word with a media node, and whom a server believes to be one."""

import asyncio
import json
import socket

import pytest

from signaling.rooms.media_port import MediaUnavailable
from signaling.worker import node as node_module
from signaling.worker import node_line
from signaling.worker.remote import DEAD_AFTER, NodeClient
from signaling.worker.sealing import challenge, proof
from tests.media.peers import until
from tests.media.site import HOST, TOKEN, Site


async def dialled(site: Site, name: str = "a") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = int(site.shared.nodes[name].address.rpartition(":")[2])
    return await asyncio.open_connection(HOST, port)


async def test_only_who_knows_the_token_gets_in(site: Site) -> None:
    await site.node("a")
    port = int(site.shared.nodes["a"].address.rpartition(":")[2])
    with pytest.raises(MediaUnavailable, match="hung up"):
        await NodeClient.reach(HOST, port, b"another token of thirty-two char")
    for said in (
        b"noise\n", b"[]\n", b'{"challenge": 5}\n', b"x" * 5000 + b"\n",
        b'{"id": 1, "op": "hello"}\n',
        json.dumps({"challenge": challenge(), "proof": "0" * 64}).encode() + b"\n",
    ):  # fmt: skip
        reader, writer = await dialled(site)
        ours = json.loads(await reader.readline())["challenge"]
        assert len(ours) == 64
        writer.write(said)
        assert await reader.read() == b"", "it is hung up on, and told nothing"
        writer.close()
    # Nor who sends the node's own challenge and words back to it.
    reader, writer = await dialled(site)
    ours = json.loads(await reader.readline())["challenge"]
    mirrored = {"challenge": ours, "proof": proof(TOKEN, "server", ours, ours)}
    writer.write(json.dumps(mirrored).encode() + b"\n")
    assert await reader.read() == b""
    writer.close()
    await until(lambda: not site.nodes["a"].lines)


async def test_a_line_that_was_put_in_ends_the_connection(site: Site) -> None:
    await site.node("a")
    reader, writer = await dialled(site)
    theirs, ours = json.loads(await reader.readline())["challenge"], challenge()
    hello = {"challenge": ours, "proof": proof(TOKEN, "server", theirs, ours)}
    writer.write(json.dumps(hello).encode() + b"\n")
    answer = json.loads(await reader.readline())
    assert answer == {"proof": proof(TOKEN, "node", theirs, ours)}
    writer.write(b"0" * 32 + b' {"id": 1, "op": "stats"}\n')
    assert await reader.read() == b""
    writer.close()


async def test_a_node_of_somebody_else_is_not_used(site: Site) -> None:
    """Whoever listens at a node's address is given nothing before it has proved itself."""
    said: list[bytes] = []

    async def pretend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(json.dumps({"challenge": challenge()}).encode() + b"\n")
        said.append(await reader.readline())
        writer.write(b'{"proof": "' + b"0" * 64 + b'"}\n')
        said.append(await reader.read())
        writer.close()

    listener = await asyncio.start_server(pretend, HOST, 0)
    port = listener.sockets[0].getsockname()[1]
    with pytest.raises(MediaUnavailable):
        await NodeClient.reach(HOST, port, TOKEN)
    await until(lambda: len(said) == 2)
    assert TOKEN not in b"".join(said)
    assert said[1] == b"", "no request was made of it"
    listener.close()
    with pytest.raises(MediaUnavailable, match="does not answer"):
        await NodeClient.reach(HOST, port, TOKEN)


async def test_who_proves_nothing_has_not_long(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_line, "PROOF_WITHIN", 0.1)
    await site.node("a")
    reader, writer = await dialled(site)
    await reader.readline()
    assert await reader.read() == b""
    writer.close()


async def test_many_who_prove_nothing_keep_no_server_out(site: Site) -> None:
    await site.node("a")
    strangers = [await dialled(site) for _ in range(node_module.MAX_UNPROVED)]
    for reader, _ in strangers:
        await reader.readline()
    server, _ = await site.server()
    assert server.ready
    assert await strangers[0][0].read() == b"", "the oldest made room"
    assert len(site.nodes["a"].lines) == node_module.MAX_UNPROVED
    for _, writer in strangers:
        writer.close()


async def test_who_reads_nothing_is_hung_up_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_line, "MAX_UNREAD", 1 << 16)
    await site.node("a")
    reader, writer = await dialled(site)
    theirs, ours = json.loads(await reader.readline())["challenge"], challenge()
    hello = {"challenge": ours, "proof": proof(TOKEN, "server", theirs, ours)}
    writer.write(json.dumps(hello).encode() + b"\n")
    await reader.readline()
    (line,) = site.nodes["a"].lines
    for _ in range(2_000):
        line.tell({"event": "x" * 10_000})
        if line not in site.nodes["a"].lines:
            break
        await asyncio.sleep(0)
    await until(lambda: not site.nodes["a"].lines)
    writer.close()


async def test_a_machine_that_lost_its_power_is_noticed_at_both_ends(site: Site) -> None:
    """It says no farewell: without these, its people's legs would stay for hours."""
    await site.node("a")
    server, _ = await site.server()
    (line,) = site.nodes["a"].lines
    (client,) = server._clients.values()
    for transport in (line._transport, client._transport):
        assert transport is not None
        sock = transport.get_extra_info("socket")
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) <= DEAD_AFTER
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == DEAD_AFTER * 1000
