"""The control socket's lines: what is answered to what."""

import asyncio
import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.ids import new_id
from signaling.media import limits
from signaling.worker.control import Control
from signaling.worker.lines import MAX_ANSWER, LineBuffer, LineTooLong
from tests.media.conftest import Lab


class Wire:
    """A transport that keeps what was written."""

    def __init__(self) -> None:
        self.sent = b""

    def write(self, data: bytes) -> None:
        self.sent += data

    def answers(self) -> list[dict[str, Any]]:
        lines, self.sent = self.sent.splitlines(), b""
        return [json.loads(line) for line in lines]


class Parent:
    """Speaks to a control without a socket."""

    def __init__(self, lab: Lab) -> None:
        self.wire = Wire()
        self.gone = False
        self.control = Control(lab.relay, self._left)
        self.control.connection_made(cast("asyncio.WriteTransport", self.wire))

    def _left(self) -> None:
        self.gone = True

    def say(self, line: object) -> list[dict[str, Any]]:
        raw = line if isinstance(line, bytes) else json.dumps(line).encode()
        self.control.data_received(raw + b"\n")
        return self.wire.answers()


@pytest.fixture
def parent(lab: Lab) -> Parent:
    return Parent(lab)


def test_what_a_full_worker_counts_fits_in_a_line(parent: Parent) -> None:
    """Else it would count as silent just when it has most to tell."""
    for n in range(limits.MAX_LEGS):
        leg = {"visit_id": new_id(), "leg_id": new_id(), "participant": new_id()}
        assert parent.say({"id": n, "op": "leg.open", **leg})[-1]["ok"]
    parent.control.data_received(b'{"id": 0, "op": "stats"}\n')
    # Of calls that are on, twice as much is told as of those that have not begun.
    line = parent.wire.sent.rstrip()
    assert 2 * len(line) < MAX_ANSWER
    assert list(LineBuffer(MAX_ANSWER).feed(line + b"\n")) == [line]


def test_hello_says_where_media_is(lab: Lab, parent: Parent) -> None:
    (answer,) = parent.say({"id": 1, "op": "hello"})
    assert answer == {
        "id": 1,
        "ok": True,
        "version": 3,
        "addresses": ["127.0.0.1"],
        "port": lab.relay.addresses[0][1],
        "tcp_port": lab.relay.tcp_addresses[0][1],
        "capacity": lab.relay.capacity,
    }


def test_a_leg_from_open_to_close(parent: Parent) -> None:
    leg = {"visit_id": "v", "leg_id": "l", "participant": "patient"}
    (opened,) = parent.say({"id": 1, "op": "leg.open", **leg})
    assert opened["sdp"].startswith("v=0")
    (again,) = parent.say({"id": 2, "op": "leg.open", **leg})
    assert again["error"]["code"] == "media.leg_exists"
    (bad,) = parent.say({"id": 3, "op": "leg.answer", "leg_id": "l", "sdp": "noise"})
    assert bad["error"]["code"] == "media.bad_sdp"
    (restarted,) = parent.say({"id": 4, "op": "leg.restart", "leg_id": "l"})
    assert restarted["sdp"] != opened["sdp"]
    (stats,) = parent.say({"id": 5, "op": "stats"})
    assert stats["stats"]["legs"]["l"]["state"] == "new"
    assert parent.say({"id": 6, "op": "leg.close", "leg_id": "l"}) == [{"id": 6, "ok": True}]
    (gone,) = parent.say({"id": 7, "op": "leg.close", "leg_id": "l"})
    assert gone["error"]["code"] == "media.no_leg"
    assert parent.say({"id": 8, "op": "drain"}) == [{"id": 8, "ok": True}]
    (full,) = parent.say({"id": 9, "op": "leg.open", **leg})
    assert full["error"]["code"] == "media.full"
    assert parent.say({"id": 10, "op": "ping"}) == [{"id": 10, "ok": True}]


@pytest.mark.parametrize(
    ("line", "request_id", "code"),
    [
        (b"noise", None, "request.malformed"),
        (b"[]", None, "request.invalid"),
        (b'{"id": 4}', 4, "request.invalid"),
        (b'{"id": 4, "op": "fly"}', 4, "request.invalid"),
        (b'{"id": 4, "op": "ping", "more": 1}', 4, "request.invalid"),
        (b'{"id": true, "op": "ping"}', None, "request.invalid"),
        (b'{"id": 4, "op": "leg.close", "leg_id": 7}', 4, "request.invalid"),
        (b'{"id": 4, "op": "leg.close", "leg_id": ""}', 4, "request.invalid"),
        (b'{"id":1,"op":"ping","x":"' + b"x" * 300_000 + b'"}', None, "request.too_large"),
    ],
)
def test_bad_lines_are_answered(
    parent: Parent, line: bytes, request_id: int | None, code: str
) -> None:
    (answer,) = parent.say(line)
    assert answer["ok"] is False
    assert (answer["id"], answer["error"]["code"]) == (request_id, code)
    assert parent.say({"id": 5, "op": "ping"}) == [{"id": 5, "ok": True}]


def test_a_fault_of_ours_says_nothing_of_itself(
    lab: Lab, parent: Parent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("a patient's name")

    monkeypatch.setattr(lab.relay, "stats", broken)
    (answer,) = parent.say({"id": 1, "op": "stats"})
    assert answer["error"] == {"code": "media.error", "detail": "internal error"}


def test_the_parents_going_is_told(parent: Parent) -> None:
    parent.control.connection_lost(None)
    assert parent.gone


@pytest.mark.fuzz
@given(st.lists(st.binary(max_size=40)), st.integers(1, 20))
def test_lines_come_out_whole_however_they_are_cut(chunks: list[bytes], limit: int) -> None:
    whole = LineBuffer(limit)
    want = list(whole.feed(b"".join(chunks)))
    cut = LineBuffer(limit)
    got = [line for chunk in chunks for line in cut.feed(chunk)]
    assert [x if isinstance(x, bytes) else None for x in got] == [
        x if isinstance(x, bytes) else None for x in want
    ]
    assert all(isinstance(x, LineTooLong) or 0 < len(x) <= limit for x in got)
