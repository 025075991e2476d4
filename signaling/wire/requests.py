"""Client → server: what each event carries and what its ack answers."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from signaling.wire.base import Count, Id, Profession, PublicKey, Wire
from signaling.wire.hints import ChatMessage, GuestStanding, Seating


def _no_nul(text: str) -> str:
    # PostgreSQL can't store U+0000 in a text, and no person types it.
    if "\0" in text:
        raise ValueError("must not contain U+0000")
    return text


Body = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(_no_nul),
]
Sdp = Annotated[str, StringConstraints(min_length=1, max_length=32_768)]
Sealed = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=1024)]
"""What one device says to another past the server, in base64url."""


class Ack(Wire):
    """The least that a granted request is answered with."""

    ok: Literal[True] = True


class WireError(Wire):
    """`code` is for programs, `detail` for logs; further members belong to the code."""

    model_config = ConfigDict(
        extra="allow", frozen=True, json_schema_serialization_defaults_required=False
    )

    code: str
    detail: str
    field: str | None = None
    __pydantic_extra__: dict[str, Any]


class Refusal(Wire):
    """The answer to a request that was not granted."""

    ok: Literal[False] = False
    error: WireError


class MessageSend(Wire):
    """Write a line; `client_id` makes a repeat harmless."""

    visit_id: Id
    client_id: Id
    body: Body


class MessageSent(Ack):
    """The line as it was stored, also when this was a repeat."""

    message: ChatMessage


class KnownVisit(Wire):
    """What the client holds of a visit."""

    visit_id: Id
    version: Count
    last_seq: Count


class KnownTicket(Wire):
    """What the client holds of a ticket."""

    ticket_id: Id
    version: Count


class QueueRef(Wire):
    """One queue: a clinic and a profession."""

    clinic_id: Id
    profession: Profession


class KnownQueue(QueueRef):
    """What the client holds of a queue's board."""

    version: Count


class Sync(Wire):
    """The heartbeat: what the client holds, so that it learns what it missed."""

    visits: Annotated[list[KnownVisit], Field(max_length=20)]
    tickets: Annotated[list[KnownTicket], Field(max_length=20)]
    queue: KnownQueue | None


class VisitNow(KnownVisit):
    """Where a visit and its guests stand, and whether the other party is there and in the call.

    `guests_away`: those in the lobby who have been without a socket for a while.
    """

    guests_version: Count
    guests_away: list[Id]
    peer_online: bool
    peer_in_call: bool


class Synced(Ack):
    """Where everything stands. What is not the caller's own is left out."""

    visits: list[VisitNow]
    tickets: list[KnownTicket]
    queue: KnownQueue | None
    guest: GuestStanding | None


class QueueWatch(QueueRef):
    """Hear of changes to the queue that one is on duty for."""


class QueueWatched(Ack):
    """The board's version now."""

    version: Count


class QueueUnwatch(Wire):
    """Hear no more of the queue."""


class CallJoin(Wire):
    """Ask for a leg in the visit's call; replaces the leg that this account has."""

    visit_id: Id
    public_key: PublicKey | None = None


class PeerInCall(Wire):
    """The other party's side of the call."""

    joined: bool
    mic_on: bool
    camera_on: bool


class IceServer(Wire):
    """A TURN server, as `RTCPeerConnection` takes it (W3C WebRTC, RTCIceServer)."""

    urls: list[str]
    username: str
    credential: str


class CallJoined(Ack):
    """The server's SDP offer for the new leg, and who relays when there is no direct way."""

    leg_id: Id
    participant_id: Id
    sdp: str
    peer: PeerInCall
    ice_servers: list[IceServer]
    seating: Seating


class LegRef(Wire):
    """One's own leg."""

    visit_id: Id
    leg_id: Id


class CallAnswer(LegRef):
    """The browser's SDP answer to the offer."""

    sdp: Sdp


class CallRestart(LegRef):
    """Ask for an offer with new ICE credentials under the same DTLS session."""


class CallRestarted(Ack):
    """The offer with new ICE credentials."""

    sdp: str


class CallState(LegRef):
    """What is on: microphone, camera, screen; also takes the leg over to this socket.

    `pictures_wanted`: send the others' cameras here. `sound_first`: what is off is so that the
    sound comes through. `on_hold`: nothing comes from here, and nothing is to be sent here.
    """

    mic_on: bool
    camera_on: bool
    screen_on: bool = False
    pictures_wanted: bool = True
    sound_first: bool = False
    on_hold: bool = False


class KeyMessage(Wire):
    """For one other person's device."""

    participant_id: Id
    sealed: Sealed


class CallKeys(LegRef):
    """Pass messages on to the devices of others in the call. Who is not there gets none."""

    messages: Annotated[list[KeyMessage], Field(min_length=1, max_length=5)]


class CallLeave(LegRef):
    """Leave the call; the visit goes on."""


class CheckJoin(Wire):
    """Ask for an echo of one's own sound and picture; replaces the one that this account has."""


class CheckJoined(Ack):
    """The server's SDP offer for the echo, and who relays when there is no direct way."""

    check_id: Id
    sdp: str
    ice_servers: list[IceServer]


class CheckRef(Wire):
    """One's own echo."""

    check_id: Id


class CheckAnswer(CheckRef):
    """The browser's SDP answer to the offer."""

    sdp: Sdp


class CheckLeave(CheckRef):
    """The test is done."""


REQUESTS: dict[str, tuple[type[Wire], type[Ack]]] = {
    "message.send": (MessageSend, MessageSent),
    "sync": (Sync, Synced),
    "queue.watch": (QueueWatch, QueueWatched),
    "queue.unwatch": (QueueUnwatch, Ack),
    "call.join": (CallJoin, CallJoined),
    "call.answer": (CallAnswer, Ack),
    "call.restart": (CallRestart, CallRestarted),
    "call.state": (CallState, Ack),
    "call.keys": (CallKeys, Ack),
    "call.leave": (CallLeave, Ack),
    "check.join": (CheckJoin, CheckJoined),
    "check.answer": (CheckAnswer, Ack),
    "check.leave": (CheckLeave, Ack),
}
"""Every event that a client may send: what it carries, what its ack answers."""
