"""A leg's card: what the other servers of a cluster must know of it, as text. Pure.

What the relay tells of a leg, its slots and its line, is on no card: every server hears that.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from signaling.rooms.legs import Leg, Party, Switches
from signaling.wire.base import CallRole, Communication


class _Card(BaseModel):
    # Servers of two releases meet during a deploy: what the newer adds, the older leaves alone.
    model_config = ConfigDict(extra="ignore", frozen=True)

    role: CallRole
    account_id: str
    name: str
    peer_id: str | None
    communication: Communication
    public_key: str | None
    on: Switches
    on_hold_since: datetime | None
    screen_on: bool


class NoCard(Exception):
    """The text is no card of this release."""


def written(leg: Leg) -> str:
    """The card of a leg as it is now."""
    party = leg.party
    return _Card(
        role=party.role,
        account_id=party.account_id,
        name=party.name,
        peer_id=party.peer_id,
        communication=party.communication,
        public_key=leg.public_key,
        on=leg.on,
        on_hold_since=leg.on_hold_since,
        screen_on=leg.screen_on,
    ).model_dump_json()


def read(leg_id: str, visit_id: str, card: str) -> Leg:
    """The leg of a card, which another server speaks for. Raises `NoCard`."""
    try:
        said = _Card.model_validate_json(card)
    except ValueError as error:
        raise NoCard from error
    party = Party(visit_id, said.role, said.account_id, said.name, said.peer_id, said.communication)
    leg = Leg(leg_id, party, None, said.public_key, here=False)
    leg.on, leg.on_hold_since, leg.screen_on = said.on, said.on_hold_since, said.screen_on
    leg.switched = said.on.pictures_wanted, said.on.on_hold
    return leg
