"""A worker's events, and a node's, read strictly at the server's end: it may be out of its mind."""

from dataclasses import replace
from typing import Any, cast, get_args

from pydantic import TypeAdapter, ValidationError

from signaling.rooms.media_port import (
    LegCard,
    LegEnded,
    LegJudged,
    LegMediaChanged,
    LegOver,
    LegSaid,
    LegsHomeless,
    LegSlotsChanged,
    LegSpoken,
    LegStateChanged,
    MediaEvent,
    MediaState,
    Quality,
    SharedEvent,
)

_STATES = frozenset(get_args(MediaState))
_KNOWN = frozenset(
    {"leg.state", "leg.media", "leg.slots", "leg.judged", "leg.over", "legs.homeless"}
)
_QUALITY = TypeAdapter(Quality)


class Malformed(Exception):
    """The worker said something that is no message of the protocol."""


def read_event(message: dict[str, Any]) -> MediaEvent | None:
    """The event; None for one that is not known here. Raises `Malformed`."""
    match message:
        case {
            "event": "leg.state",
            "leg_id": str(leg_id),
            "visit_id": str(visit_id),
            "state": str(state),
        } if state in _STATES:
            return LegStateChanged(leg_id, visit_id, cast("MediaState", state))
        case {
            "event": "leg.media",
            "leg_id": str(leg_id),
            "audio": bool(audio),
            "video": bool(video),
        }:
            return LegMediaChanged(leg_id, audio, video)
        case {
            "event": "leg.slots",
            "leg_id": str(leg_id),
            "slots": [*slots],
            "screen": None | str() as screen,
            "held": bool(held),
        } if all(who is None or isinstance(who, str) for who in slots):
            # A worker of the release before knows no preferred pictures.
            preferred_held = message.get("preferred_held", False)
            if not isinstance(preferred_held, bool):
                raise Malformed
            return LegSlotsChanged(leg_id, tuple(slots), screen, held, preferred_held)
        case {
            "event": "leg.judged",
            "leg_id": str(leg_id),
            "word": "good" | "weak" | "bad" as word,
            "reason": None | "loss" | "delay" | "bandwidth" as reason,
            "way": None | "up" | "down" | "both" as way,
        }:
            return LegJudged(leg_id, word, reason, way)
        case {
            "event": "leg.over",
            "leg_id": str(leg_id),
            "visit_id": str(visit_id),
            "state": "failed" | "closed" as state,
            "quality": dict(quality),
        }:
            return LegOver(leg_id, visit_id, state, _quality(quality))
        case {"event": "legs.homeless", "leg_ids": [*leg_ids], "gone": bool(gone)} if all(
            isinstance(leg_id, str) for leg_id in leg_ids
        ):
            return LegsHomeless(frozenset(leg_ids), gone)
        case {"event": str(name)} if name not in _KNOWN:
            return None
    raise Malformed


def read_shared(message: dict[str, Any]) -> SharedEvent | MediaEvent | None:
    """As `read_event`, of a node, which also tells of legs of other servers. Raises `Malformed`."""
    match message:
        case {
            "event": "leg.card",
            "leg_id": str(leg_id),
            "visit_id": str(visit_id),
            "card": str(card),
        }:
            return LegCard(leg_id, visit_id, card)
        case {
            "event": "leg.ended",
            "leg_id": str(leg_id),
            "reason": "left" | "replaced" | "connection_lost" | "worker" as reason,
        }:
            return LegEnded(leg_id, reason)
        case {
            "event": "leg.spoken",
            "leg_id": str(leg_id),
            "here": bool(here),
            "connected": bool(connected),
        }:
            return LegSpoken(leg_id, here, connected)
        case {
            "event": "leg.said",
            "leg_id": str(leg_id),
            "sender": str(sender),
            "text": str(text),
        }:
            return LegSaid(leg_id, sender, text)
        case {"event": "leg.over", "card": str(card)}:
            over = read_event(message)
            return replace(over, card=card) if isinstance(over, LegOver) else over
        case {"event": "leg.card" | "leg.ended" | "leg.spoken" | "leg.said"}:
            raise Malformed
        case _:
            return read_event(message)


def _quality(numbers: dict[str, Any]) -> Quality:
    try:
        return _QUALITY.validate_python(numbers)
    except ValidationError:
        raise Malformed from None
