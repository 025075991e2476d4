"""Reads transport-wide feedback strictly: what a sender is told of its packets' arrival.

Written from draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1, apart from the relay's
own writer, which it is to judge.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """One message; `ticks` are quarters of a millisecond on the relay's clock, None if lost."""

    media_ssrc: int
    number: int
    arrivals: tuple[tuple[int, int | None], ...]

    @property
    def lost(self) -> list[int]:
        return [number for number, ticks in self.arrivals if ticks is None]

    @property
    def received(self) -> list[tuple[int, int]]:
        return [(number, ticks) for number, ticks in self.arrivals if ticks is not None]


def read(compound: bytes) -> list[Told]:
    """Every transport-wide message of a compound in the clear; other messages are left out."""
    found = []
    while compound:
        assert compound[0] & 0xE0 == 0x80, "version 2, not padded by RTCP's own way"
        size = 4 + 4 * int.from_bytes(compound[2:4], "big")
        assert size <= len(compound)
        if compound[1] == 205 and compound[0] & 31 == 15:
            found.append(_message(compound[4:size]))
        compound = compound[size:]
    return found


def _message(body: bytes) -> Told:
    base, count = int.from_bytes(body[8:10], "big"), int.from_bytes(body[10:12], "big")
    reference = int.from_bytes(body[12:15], "big", signed=True)
    assert count, "about nothing"
    statuses: list[int] = []
    at = 16
    while len(statuses) < count:
        chunk = int.from_bytes(body[at : at + 2], "big")
        assert at + 2 <= len(body)
        at += 2
        if not chunk & 0x8000:
            statuses += [chunk >> 13] * (chunk & 0x1FFF)
        elif chunk & 0x4000:
            statuses += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:
            statuses += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    assert not any(statuses[count:]), "what is left of the last chunk is zero"
    ticks = reference * 256
    arrivals: list[tuple[int, int | None]] = []
    for index, status in enumerate(statuses[:count]):
        number = (base + index) & 0xFFFF
        if not status:
            arrivals.append((number, None))
            continue
        assert status < 3, "reserved"
        size = status
        assert at + size <= len(body), "a delta is missing"
        ticks += int.from_bytes(body[at : at + size], "big", signed=status == 2)
        at += size
        arrivals.append((number, ticks))
    assert len(body) - at < 4
    assert not any(body[at:]), "padding is zero"
    return Told(int.from_bytes(body[4:8], "big"), body[15], tuple(arrivals))
