"""What aiortc's own receiver does after an outage, without any server: two of its peers.

It passes on whatever its decoder makes of what came, whole or not; that counts as a picture here.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from unittest import mock

import aioice.ice
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack, VideoStreamTrack
from av import VideoFrame
from typing_extensions import override

from server.kit.tasks import cancel, spawn
from server.main.addresses import LOOPBACK
from tests.bench.report import Report

STOCK = "aiortc by itself"
#: As with Chromium: so many pictures in a row, none later than this (seconds) after the one before.
_MOVING = 5
_STEADY = 0.4
#: Seconds until it is given up that a picture comes back.
_PATIENCE = 60.0


class _Grainy(VideoStreamTrack):
    """A picture that takes as many packets as a face does: all bits that the coder may use."""

    @override
    async def recv(self) -> VideoFrame:
        frame = VideoFrame(320, 240, "yuv420p")
        frame.pts, frame.time_base = await self.next_timestamp()
        for plane in cast("Any", frame).planes:
            plane.update(os.urandom(plane.buffer_size))
        return frame


class _Eyes:
    """When each of the latest pictures was decoded."""

    def __init__(self) -> None:
        self.shown: deque[float] = deque(maxlen=_MOVING)

    async def watch(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                await track.recv()
            except MediaStreamError:
                return
            self.shown.append(time.monotonic())

    async def moving(self, since: float) -> float | None:
        """The first of some pictures in a row, in seconds after `since`; None: none came."""
        while time.monotonic() - since < _PATIENCE:
            row = [at for at in self.shown if at > since]
            steady = all(b - a < _STEADY for a, b in itertools.pairwise(row))
            if len(row) == _MOVING and steady:
                return row[0] - since
            await asyncio.sleep(0.02)
        return None


@contextmanager
def _no_network() -> Iterator[None]:
    """Nothing leaves either of them, checks of the connection included."""

    async def lose(*_: object) -> None:
        return None

    nothing = mock.Mock(return_value=None)
    with (
        mock.patch.object(aioice.ice.StunProtocol, "send_data", lose),
        mock.patch.object(aioice.ice.StunProtocol, "send_stun", nothing),
    ):
        yield


async def measure(report: Report, what: str, seconds: float, rounds: int) -> None:
    """How long after an outage of so many seconds its picture is back."""
    # aioice leaves loopback out, and there may be no other interface.
    with mock.patch.object(aioice.ice, "get_host_addresses", return_value=[LOOPBACK]):
        for _ in range(rounds):
            await _round(report, what, seconds)


async def _round(report: Report, what: str, seconds: float) -> None:
    alone = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    sender, receiver = RTCPeerConnection(alone), RTCPeerConnection(alone)
    eyes, watching = _Eyes(), []

    def seen(track: MediaStreamTrack) -> None:
        watching.append(spawn(eyes.watch(track), name="outages.stock"))

    receiver.on("track", seen)
    try:
        sender.addTrack(_Grainy())
        await sender.setLocalDescription(await sender.createOffer())
        await receiver.setRemoteDescription(sender.localDescription)
        await receiver.setLocalDescription(await receiver.createAnswer())
        await sender.setRemoteDescription(receiver.localDescription)
        first = await eyes.moving(time.monotonic())
        report.holds(f"{STOCK}: a picture is there before it is lost", first is not None)
        await asyncio.sleep(2)
        with _no_network():
            await asyncio.sleep(seconds)
        since = time.monotonic()
        back = await eyes.moving(since)
        if back is None:
            report.void(f"{STOCK}: no picture within {_PATIENCE:.0f} s")
        else:
            report.reading(STOCK, what, back, "s")
    finally:
        await asyncio.gather(sender.close(), receiver.close())
        for task in watching:
            await cancel(task)
