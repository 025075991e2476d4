"""What is said over the control socket: closed types for requests, plain objects for answers.

A request `{id, op, …}` gets `{id, ok: true, …}` or `{id, ok: false, error: {code, detail}}`.
Events have `event` and no `id`.
"""

from dataclasses import asdict
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from signaling.media.events import (
    LegJudged,
    LegOver,
    LegSlotsChanged,
    LegStateChanged,
    RelayEvent,
)
from signaling.media.limits import SDP_BYTES

# Raised when a message changes its meaning; the parent refuses a worker of another version.
VERSION = 3

# Characters of a leg's card, some three times the longest, and of a word from leg to leg.
MAX_CARD = 4096
MAX_TEXT = 2048

Ending = Literal["left", "replaced", "connection_lost", "worker"]
Name = Annotated[str, Field(min_length=1, max_length=64)]


class Request(BaseModel):
    """Base of the requests."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    # What every JSON reader and writer keeps whole: it comes back with the answer.
    id: int = Field(ge=0, lt=1 << 53)


class Hello(Request):
    """Who is there?"""

    op: Literal["hello"]


class LegOpen(Request):
    """Open a leg; legs of one visit are joined one to one by participant.

    `echo`: it is alone in its visit, and sent what it sends.
    """

    op: Literal["leg.open"]
    visit_id: Name
    leg_id: Name
    participant: Name
    echo: bool = False


class LegAnswer(Request):
    """The peer's answer to the latest offer."""

    op: Literal["leg.answer"]
    leg_id: Name
    sdp: Annotated[str, Field(max_length=SDP_BYTES)]


class LegRestart(Request):
    """New ICE credentials."""

    op: Literal["leg.restart"]
    leg_id: Name


class LegPresent(Request):
    """Show a leg's screen to the others of its visit, instead of anybody's before; or no longer."""

    op: Literal["leg.present"]
    leg_id: Name
    on: bool


class LegPrefer(Request):
    """Give a leg's picture its share of a receiver's link first; or as the others' again.

    Asked apart from `leg.open`, so that a worker that does not know it still opens the leg.
    """

    op: Literal["leg.prefer"]
    leg_id: Name
    on: bool


class LegSwitch(Request):
    """Send a leg the cameras' pictures, or not; on hold, nothing to it and nothing from it."""

    op: Literal["leg.switch"]
    leg_id: Name
    pictures: bool
    on_hold: bool


class LegClose(Request):
    """Close a leg. `reason`: what a node tells the other servers; a worker needs none."""

    op: Literal["leg.close"]
    leg_id: Name
    reason: Ending = "left"


class LegCard(Request):
    """To a node: what the other servers are to know of a leg. It is kept as it is, unread."""

    op: Literal["leg.card"]
    leg_id: Name
    card: Annotated[str, Field(max_length=MAX_CARD)]


class LegAdopt(Request):
    """To a node: from now on this connection speaks for a leg that another spoke for."""

    op: Literal["leg.adopt"]
    leg_id: Name


class LegSay(Request):
    """To a node: pass this on to the server that speaks for a leg. Kept by nobody."""

    op: Literal["leg.say"]
    leg_id: Name
    sender: Name
    text: Annotated[str, Field(max_length=MAX_TEXT)]


class Watch(Request):
    """To a node: tell all cards that there are, then every change, until the end of the line."""

    op: Literal["watch"]


class Stats(Request):
    """Counters."""

    op: Literal["stats"]


class Ping(Request):
    """Are you alive?"""

    op: Literal["ping"]


class Drain(Request):
    """Take no new legs."""

    op: Literal["drain"]


AnyRequest = (
    Hello
    | LegOpen
    | LegAnswer
    | LegRestart
    | LegPresent
    | LegPrefer
    | LegSwitch
    | LegClose
    | LegCard
    | LegAdopt
    | LegSay
    | Watch
    | Stats
    | Ping
    | Drain
)
requests: TypeAdapter[AnyRequest] = TypeAdapter(Annotated[AnyRequest, Field(discriminator="op")])


def encode(message: dict[str, Any]) -> bytes:
    """One line."""
    return orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE)


def failure(request_id: int | None, code: str, detail: str) -> dict[str, Any]:
    """The answer to a request that failed."""
    return {"id": request_id, "ok": False, "error": {"code": code, "detail": detail}}


def event(happened: RelayEvent) -> dict[str, Any]:
    """A relay's event as its line."""
    if isinstance(happened, LegStateChanged):
        return {
            "event": "leg.state",
            "leg_id": happened.leg_id,
            "visit_id": happened.visit_id,
            "state": happened.state,
        }
    if isinstance(happened, LegOver):
        return {
            "event": "leg.over",
            "leg_id": happened.leg_id,
            "visit_id": happened.visit_id,
            "state": happened.state,
            "quality": asdict(happened.quality),
        }
    if isinstance(happened, LegSlotsChanged):
        return {"event": "leg.slots", **asdict(happened)}
    if isinstance(happened, LegJudged):
        return {"event": "leg.judged", **asdict(happened)}
    return {
        "event": "leg.media",
        "leg_id": happened.leg_id,
        "audio": happened.audio,
        "video": happened.video,
    }
