"""The socket, from the Engine.IO packet to the ack: all of it but the WebSocket's own framing."""

import asyncio
import json
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from typing_extensions import override

from server import migrations
from server.kit.db import Database
from server.kit.settings import Settings
from server.kit.sqlite import SqliteBackend
from signaling import link, transport
from signaling.wire.requests import REQUESTS
from tests.fuzz.harness import Target
from tests.fuzz.line import UNHURRIED, Line, Media, Pipe
from tests.fuzz.mutate import broken, broken_json, broken_text, dump, noise
from tests.fuzz.shapes import NOBODYS, Shape
from tests.fuzz.targets.sdp import ANSWERS
from tests.signaling.stage import DOCTOR, Stage

_PROBE = 987_654
_NOTHING_KNOWN = '{"visits":[],"tickets":[],"queue":null}'


class Socket(Target):
    """A visit in progress, and the sockets of its two people and of a guest."""

    episode = 5000
    malloced = 3 << 20

    @override
    def prepare(self) -> None:
        self.undo = ExitStack()
        change = self.undo.enter_context
        change(patch.object(link, "web", SimpleNamespace(WebSocketResponse=Pipe)))
        change(patch.object(link, "TokenBucket", lambda **_: UNHURRIED))
        change(patch.object(transport, "ANONYMOUS_FOR", 0.1))
        self.folder = tempfile.TemporaryDirectory()
        self.template = Path(self.folder.name) / "template.db"
        migrations.upgrade(self.template)
        self.settings = Settings(data=Path(self.folder.name), log_sample=0, login_threads=1)

    @override
    def finish(self) -> None:
        self.undo.close()
        self.folder.cleanup()

    @override
    async def open(self, rng: Random) -> None:
        await asyncio.to_thread(shutil.copy, self.template, self.settings.database_file)
        database = Database(SqliteBackend(self.settings.database_file))
        self.stage = stage = Stage(self.settings, database, media=Media())
        await stage.start()
        patient, clinician = await stage.patient(), await stage.clinician()
        visit = await stage.visit(patient, clinician)
        guest = await stage.guest(visit, clinician)
        self.lines = [Line(stage, each) for each in (patient, clinician, guest)]
        pools = {
            "visit_id": [visit, visit, NOBODYS], "clinic_id": [stage.clinic, NOBODYS],
            "profession": [DOCTOR.value], "sdp": ANSWERS, "body": ["Hej", "å" * 4000],
        }  # fmt: skip
        self.shapes = {
            name: Shape(kind.model_json_schema(), pools) for name, (kind, _) in REQUESTS.items()
        }
        for line in self.lines:
            await self._still_works(line)

    async def _still_works(self, line: Line) -> None:
        answer = None
        for _ in range(5):  # on a starved machine one may be put out before its login is read
            answer = answer or await self.ask(line, "sync", _NOTHING_KNOWN)
        assert answer is not None
        assert answer["ok"] is True, answer

    async def ask(self, line: Line, name: str, payload: str | None) -> dict[str, Any] | None:
        """The ack; None when the connection ended instead."""
        pipe = await line.open()
        space = line.person.namespace
        event = json.dumps(name) if payload is None else f"{json.dumps(name)},{payload}"
        pipe.coming.put_nowait(f"42{space},{_PROBE}[{event}]")
        ack = await line.until(f"43{space},{_PROBE}[")
        return None if ack is None else json.loads(ack[ack.index("[") :])[0]

    @override
    async def settle(self) -> None:
        for line in self.lines:
            await line.shut()
        # Pings, graces and hints of the connections that ended are over.
        await asyncio.sleep(0.6)
        assert not self.stage.signaling._sio.eio.sockets
        assert not self.stage.signaling.connections

    @override
    async def close(self) -> None:
        for line in self.lines:
            await self._still_works(line)
        await self.settle()
        signaling = self.stage.signaling
        assert not signaling.presence._people
        assert not signaling._sio._binary_packet
        assert not signaling._sio.environ
        await self.stage.stop()


class Events(Socket):
    """Every declared event, valid and mutated: answered once, and never with a fault of ours."""

    name = "events"
    reaches = frozenset(
        {
            "ok", "closed", "request.invalid", "request.unknown_event", "not_found", "call.no_leg",
        }
    )  # fmt: skip

    @override
    def make(self, rng: Random) -> bytes:
        name = rng.choice(list(REQUESTS))
        value = self.shapes[name].make(rng)
        if rng.random() < 0.9:
            value = broken_json(rng, value)
        payload = dump(rng, value)
        if rng.random() < 0.05:
            name = broken_text(rng, rng.choice((name, "connect", "disconnect", "*")))
        if rng.random() < 0.05:
            payload = rng.choice((f"{payload},{payload}", "", payload[:-1], "null", "[]"))
        text = json.dumps([rng.randrange(3), name, payload])
        return text.encode()

    @override
    async def take(self, data: bytes) -> str:
        who, name, payload = json.loads(data)
        answer = await self.ask(self.lines[who], name, payload or None)
        if answer is None:
            return "closed"
        if answer["ok"]:
            return "ok"
        assert answer["error"]["code"] != "server.error", answer
        return str(answer["error"]["code"])


class Frames(Socket):
    """Raw packets: the connection ends or lives on, and what lives on is answered."""

    name = "frames"
    reaches = frozenset({"closed", "alive"})

    @override
    def make(self, rng: Random) -> bytes:
        who = rng.randrange(3)
        space = ("/patient", "/staff", "/guest")[who]
        name = rng.choice(list(REQUESTS))
        valid = f'42{space},7["{name}",{dump(rng, self.shapes[name].make(rng))}]'
        match rng.randrange(9):
            case 0:
                text = rng.choice("0123456") + noise(rng).decode("latin-1")
            case 1:
                text = broken(rng, valid.encode(), _FRAMES).decode("utf-8", "replace")
            case 2:
                kind, digits = rng.randrange(7), rng.choice(("", "0", "1", "9" * 101, "²", "-1"))
                other = rng.choice((space, "/", "", "/staff?x", "/nobody", "/patient", "/" * 50))
                rest = rng.choice(
                    ('["x"]', "{}", "[]", "null", "7", '"x"', "", "[[[", '["sync",{}]')
                )
                parts = rng.choice(("", "", "1-", "99999999999-", "0-"))
                text = f"4{kind}{parts}{other},{digits}{rest}"
            case 3:
                count = rng.choice((1, 2, 12345678901))
                text = f'45{count}-{space},["{name}",{{"_placeholder":true,"num":0}}]'
            case 4:
                return bytes([who, 1]) + noise(rng)
            case 5 if rng.random() < 0.02:
                text = f'42{space},1["sync","' + "x" * rng.choice((65_400, 70_000)) + '"]'
            case 5 | 6:
                text = rng.choice(_FRAMES).decode()
            case _:
                text = broken_text(rng, valid)
        return bytes([who, 0]) + text.encode("utf-8", "replace")

    @override
    async def take(self, data: bytes) -> str:
        line = self.lines[data[0]]
        pipe = await line.open()
        pipe.coming.put_nowait(data[2:] if data[1] else data[2:].decode())
        space = line.person.namespace
        pipe.coming.put_nowait(f'42{space},{_PROBE}["no.such",{{}}]')
        if await line.until(f"43{space},{_PROBE}[") is not None:
            return "alive"
        return "closed"


_FRAMES = [
    b"0", b"1", b"2", b"2probe", b"3", b"3probe", b"4", b"5", b"6", b"40", b"40/patient,",
    b"40/guest,", b"40/staff,{}", b'40/patient,{"token":"x"}', b"41", b"41/patient,", b"41/staff,",
    b"42[]",
    b'42["sync",{}]', b"42/patient,[7]", b'43/patient,7[{"ok":true}]', b"43/staff,0[]", b"44{}",
    b'44/patient,{"message":"no"}', b'451-/patient,["sync",{"_placeholder":true,"num":0}]',
    b'461-/staff,7["x"]', b"49", b"4", b"42/patient,1[\"sync\",{}]\x1e42/patient,2[]",
]  # fmt: skip
