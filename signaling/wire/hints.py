"""Server → client. A hint may be lost: what it tells can always be fetched over HTTP.

No hint names a waiting patient or carries a reason. Two hold words of people: `message.posted` goes
to its two parties, `call.slots` to those who are in the call.
"""

from typing import Literal

from signaling.wire.base import (
    CallRole,
    Communication,
    Count,
    GuestRole,
    GuestState,
    Id,
    Mode,
    ModeReason,
    Moment,
    Profession,
    PublicKey,
    Role,
    SenderWord,
    TicketState,
    VisitState,
    Wait,
    Wire,
)


class TicketChanged(Wire):
    """A patient's own ticket: everything of it that ever changes, so that nothing is left to fetch.

    What is told of one version must be all of it: a client that took a part would hold the version
    and never learn the rest.
    """

    type: Literal["ticket.changed"] = "ticket.changed"
    ticket_id: Id
    version: Count
    state: TicketState
    place: Count | None
    waiting_total: Count | None
    wait: Wait
    visit_id: Id | None
    channel: Mode
    communication: Communication
    not_before: Moment | None
    requeued: bool


class QueueChanged(Wire):
    """A watched queue has a newer board; fetch it, at most once a second."""

    type: Literal["queue.changed"] = "queue.changed"
    clinic_id: Id
    profession: Profession
    version: Count


class VisitChanged(Wire):
    """A visit moved; `version` and `last_seq` tell whether anything must be fetched."""

    type: Literal["visit.changed"] = "visit.changed"
    visit_id: Id
    version: Count
    state: VisitState
    mode: Mode
    mode_reason: ModeReason | None
    mode_by: Role | None
    last_seq: Count
    patient_left: bool


class ChatMessage(Wire):
    """One line of a visit's conversation. Lines of the system carry a code in `body`."""

    visit_id: Id
    seq: Count
    client_id: Id | None
    sender: SenderWord
    sender_name: str | None
    body: str
    sent_at: Moment


class MessagePosted(ChatMessage):
    """A new line, to every socket of both parties; a gap in `seq` means: fetch what is missing."""

    type: Literal["message.posted"] = "message.posted"


class PresenceChanged(Wire):
    """The other party of a visit came, or has been without a socket for eight seconds."""

    type: Literal["presence.changed"] = "presence.changed"
    visit_id: Id
    role: Role
    online: bool


class CallPeer(Wire):
    """What the other party's call looks like: joined, microphone, camera; `reason` says why not."""

    type: Literal["call.peer"] = "call.peer"
    visit_id: Id
    role: Role
    joined: bool
    mic_on: bool
    camera_on: bool
    reason: Literal["left", "connection_lost", "worker"] | None


class Line(Wire):
    """How somebody's connection carries, by the relay: a word that does not flicker, and why.

    `way`: `up` is what the person sends, `down` what comes to them. A good line has no reason.
    """

    word: Literal["good", "weak", "bad"]
    reason: Literal["loss", "delay", "bandwidth"] | None
    way: Literal["up", "down", "both"] | None


GOOD_LINE = Line(word="good", reason=None, way=None)


class Seat(Wire):
    """Somebody who is in the call. The id is the same in every leg that the person has in it.

    `name` is what the others of the call may see: of the patient the given name. Without a
    `public_key` the device can't hide its frames from the server, and then nobody does. To who
    signs or reads nobody offers sound alone. `pictures_wanted`: the person takes the others'
    pictures; `sound_first`: what is off of theirs is so that the sound comes through. Since
    `on_hold_since` nothing comes from them, and nothing reaches them.
    """

    participant_id: Id
    role: CallRole
    name: str
    public_key: PublicKey | None
    mic_on: bool
    camera_on: bool
    communication: Communication
    line: Line
    pictures_wanted: bool
    sound_first: bool
    on_hold_since: Moment | None


class Publish(Wire):
    """How much of the camera to send, at most: lines, bits a second, pictures a second.

    `motion`: the picture is the speech. It goes before the sound, and lines give way before it
    stutters.
    """

    height: Count
    bitrate: Count
    frame_rate: Count
    motion: bool


class Seating(Wire):
    """Who is in which of the five slots that a leg was offered, and whose screen comes.

    `screen` is never oneself; `pictures_held`: one's own link carries no cameras' pictures now, but
    for those of people who sign, which go last: see `signers_held`. `line` is one's own.
    """

    slots: list[Seat | None]
    screen: Id | None
    pictures_held: bool
    signers_held: bool
    publish: Publish
    line: Line


class CallSlots(Seating):
    """Who is where in one's own leg, on every change. Ignore it unless the leg is in hand."""

    type: Literal["call.slots"] = "call.slots"
    visit_id: Id
    leg_id: Id


class CallLost(Wire):
    """One's own leg is gone. Ignore it when `leg_id` is not the leg in hand."""

    type: Literal["call.lost"] = "call.lost"
    visit_id: Id
    leg_id: Id
    reason: Literal["worker", "replaced", "closed"]


class CallKey(Wire):
    """What `participant_id`'s device says to this one. Ignore it unless the leg is in hand."""

    type: Literal["call.key"] = "call.key"
    visit_id: Id
    leg_id: Id
    participant_id: Id
    sealed: str


CallHint = CallPeer | CallSlots | CallKey | CallLost
"""What a call's people are told of it."""


class GuestChanged(Wire):
    """A guest of one's visit was invited or moved; fetch the list when `version` is newer."""

    type: Literal["guest.changed"] = "guest.changed"
    visit_id: Id
    version: Count
    guest_id: Id
    role: GuestRole
    state: GuestState


class GuestStanding(Wire):
    """Where a guest stands, and how the two whose visit it is meet."""

    guest_id: Id
    version: Count
    state: GuestState
    mode: Mode


class GuestStateChanged(GuestStanding):
    """To the guest: oneself, or the visit, moved; fetch it when `version` is newer."""

    type: Literal["guest.state"] = "guest.state"


class SessionEnded(Wire):
    """The login that this socket stands on is over; the server closes the socket next."""

    type: Literal["session.ended"] = "session.ended"
    reason: Literal["expired", "revoked"]


class Drain(Wire):
    """The server is about to restart: connect again after so many milliseconds."""

    type: Literal["drain"] = "drain"
    reconnect_in_ms: Count


Hint = (
    TicketChanged
    | QueueChanged
    | VisitChanged
    | MessagePosted
    | PresenceChanged
    | CallPeer
    | CallSlots
    | CallKey
    | CallLost
    | GuestChanged
    | GuestStateChanged
    | SessionEnded
    | Drain
)

HINTS: tuple[type[Hint], ...] = (
    TicketChanged,
    QueueChanged,
    VisitChanged,
    MessagePosted,
    PresenceChanged,
    CallPeer,
    CallSlots,
    CallKey,
    CallLost,
    GuestChanged,
    GuestStateChanged,
    SessionEnded,
    Drain,
)
