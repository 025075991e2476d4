"""Who gets a word with a media node, and whom a server believes to be one."""

import asyncio
import json

import pytest

from signaling.rooms.media_port import MediaUnavailable
from signaling.worker import node as node_module
from signaling.worker.remote import NodeClient
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
    monkeypatch.setattr(node_module, "PROOF_WITHIN", 0.1)
    await site.node("a")
    reader, writer = await dialled(site)
    await reader.readline()
    assert await reader.read() == b""
    writer.close()
