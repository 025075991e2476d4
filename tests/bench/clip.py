"""Ten seconds of a 720p call, encoded once: what the robots of the media benchmark send."""

from __future__ import annotations

import fractions
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder
from av import AudioFrame, VideoFrame

FPS = 30
FRAMES = 150
WIDTH, HEIGHT = 1280, 720
_STEP = 90_000 // FPS
_SAMPLES = 960


@dataclass(frozen=True)
class Clip:
    """RTP payloads: `video[i]` are the packets of frame i (30 a second, the first a key frame);
    `audio[i]` is one packet of 20 ms."""

    video: list[list[bytes]]
    audio: list[bytes]

    def save(self, file: Path) -> None:
        """Write it for another process, which need not encode it again."""
        told = {
            "video": [[each.hex() for each in frame] for frame in self.video],
            "audio": [each.hex() for each in self.audio],
        }
        file.write_text(json.dumps(told))

    @classmethod
    def load(cls, file: Path) -> Self:
        """What was saved."""
        told = json.loads(file.read_text())
        return cls(
            [[bytes.fromhex(each) for each in frame] for frame in told["video"]],
            [bytes.fromhex(each) for each in told["audio"]],
        )


@cache
def clip(frames: int = FRAMES) -> Clip:
    """The clip. Blocks for some seconds."""
    return Clip([*_video(frames)], [*_audio(50)])


def _video(frames: int) -> list[list[bytes]]:
    encoder = Vp8Encoder()
    encoder.target_bitrate = 1_000_000
    made = []
    for number in range(frames):
        frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for plane, shade in zip(frame.planes, (90, 120, 135), strict=True):
            # A bright bar that wanders over a still picture: little to encode, as a sitting person.
            row = bytearray([shade]) * plane.line_size
            at = number * 7 % (plane.line_size - 64)
            row[at : at + 64] = bytes([200]) * 64
            plane.update(bytes(row) * plane.height)
        frame.pts, frame.time_base = number * _STEP, fractions.Fraction(1, 90_000)
        payloads, _ = encoder.encode(frame, number == 0)
        made.append(payloads)
    return made


def _audio(packets: int) -> list[bytes]:
    encoder = OpusEncoder()
    made: list[bytes] = []
    while len(made) < packets:
        frame = AudioFrame("s16", "stereo", _SAMPLES)
        tone = bytes((i * 37 + len(made) * 11) % 251 for i in range(_SAMPLES * 4))
        frame.planes[0].update(tone)
        frame.sample_rate = 48_000
        frame.pts, frame.time_base = len(made) * _SAMPLES, fractions.Fraction(1, 48_000)
        payloads, _ = encoder.encode(frame)
        made += payloads
    return made
