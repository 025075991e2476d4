"""What a patient's test of camera, microphone, speaker and network came to. Pure.

The test runs in the patient's browser against the real media server. Its words are the client's;
what they come to for whoever receives is decided here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Camera(StrEnum):
    """Whether there is a picture, and if not, why."""

    OK = "ok"
    MISSING = "missing"
    DENIED = "denied"
    BUSY = "busy"
    UNTESTED = "untested"


class Microphone(StrEnum):
    """Whether anything was heard, and if not, why."""

    HEARD = "heard"
    SILENT = "silent"
    MISSING = "missing"
    DENIED = "denied"
    BUSY = "busy"
    UNTESTED = "untested"


class Speaker(StrEnum):
    """What the patient answered to "Did you hear it?"."""

    HEARD = "heard"
    NOT_HEARD = "not_heard"
    UNTESTED = "untested"


class Network(StrEnum):
    """How the way to the media server is; ``blocked``: nothing came through."""

    GOOD = "good"
    WEAK = "weak"
    BAD = "bad"
    BLOCKED = "blocked"
    UNTESTED = "untested"


class Transport(StrEnum):
    """How media travels; ``relay`` is by way of a TURN server."""

    UDP = "udp"
    TCP = "tcp"
    RELAY = "relay"


class Summary(StrEnum):
    """The whole in a word, for the board."""

    GOOD = "good"
    PARTLY = "partly"
    WEAK_NETWORK = "weak_network"
    POOR_NETWORK = "poor_network"
    SOUND_ONLY = "sound_only"
    SOUND_TROUBLE = "sound_trouble"
    CHAT_ONLY = "chat_only"


@dataclass(frozen=True, slots=True)
class Equipment:
    """The verdicts, and what was measured of the network; None is "not measured".

    Round trip in milliseconds, loss in per cent of the packets both ways, bitrates in kbit/s.
    """

    camera: Camera
    microphone: Microphone
    speaker: Speaker
    network: Network
    round_trip_ms: int | None
    loss_percent: float | None
    up_kbps: int | None
    down_kbps: int | None
    transport: Transport | None


@dataclass(frozen=True, slots=True)
class Tested:
    """The newest test of a ticket, and when it was made."""

    equipment: Equipment
    at: datetime


_NO_CAMERA = {Camera.MISSING, Camera.DENIED, Camera.BUSY}
_NO_MICROPHONE = {Microphone.MISSING, Microphone.DENIED, Microphone.BUSY}


def summary(equipment: Equipment) -> Summary:
    """What the clinician should count with, the gravest first."""
    camera, microphone = equipment.camera, equipment.microphone
    network = equipment.network
    if network is Network.BLOCKED or (camera in _NO_CAMERA and microphone in _NO_MICROPHONE):
        return Summary.CHAT_ONLY
    if network is Network.BAD:
        return Summary.POOR_NETWORK
    no_sound = microphone in _NO_MICROPHONE or microphone is Microphone.SILENT
    if no_sound or equipment.speaker is Speaker.NOT_HEARD:
        return Summary.SOUND_TROUBLE
    if camera in _NO_CAMERA:
        return Summary.SOUND_ONLY
    if network is Network.WEAK:
        return Summary.WEAK_NETWORK
    if Camera.UNTESTED in (camera, microphone, network):
        return Summary.PARTLY
    return Summary.GOOD
