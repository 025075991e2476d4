"""aiortc without what decodes: the worker forwards packets that it can't even read.

aiortc's package imports FFmpeg's libraries for its own tracks, a quarter of a worker's memory and
half of the time that it takes to start, which is time in which a visit has no picture.
"""

import importlib.util
import sys
from types import ModuleType


def no_codecs() -> None:
    """Let aiortc's modules be imported, but neither what its package does nor FFmpeg.

    For a process that has not imported aiortc, and uses its DTLS alone: `RTCPeerConnection` can't
    be had from it any more.
    """
    found = importlib.util.find_spec("aiortc")
    if found is None:
        raise ImportError("aiortc is not installed")
    sys.modules["aiortc"] = importlib.util.module_from_spec(found)
    ffmpeg = ModuleType("av", "Stands for FFmpeg: names to annotate with.")
    vars(ffmpeg)["AudioFrame"] = object
    sys.modules["av"] = ffmpeg
