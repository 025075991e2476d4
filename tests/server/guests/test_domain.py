"""The guest's way as a table: what leads where, and that nothing else does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.guests import domain
from server.guests.domain import (
    INVITATION_FOR,
    LIVE,
    MOST,
    SESSION_FOR,
    Arrival,
    Guest,
    GuestIllegalMove,
    GuestRole,
    GuestsFull,
    GuestState,
    InvitationOver,
    InvitationUsed,
)
from server.queueing.domain import Communication

NOW = datetime(2026, 3, 2, 11, tzinfo=UTC)
ARRIVAL = Arrival("key", "session", "hash")


def invited() -> Guest:
    return Guest(
        id="g",
        visit_id="v",
        role=GuestRole.RELATIVE,
        name="Gunnar",
        title=None,
        communication=Communication.SPEECH,
        account_id=None,
        state=GuestState.INVITED,
        token_hash="t",
        redeem_key=None,
        session_id=None,
        session_hash=None,
        invited_by="d",
        invited_at=NOW,
        ends_at=NOW + INVITATION_FOR,
        redeemed_at=None,
        admitted_by=None,
        admitted_at=None,
        consent_at=None,
        gone_at=None,
        over_at=None,
        version=1,
    )


MOVES: dict[str, Any] = {
    "arrived": lambda guest: domain.arrived(guest, ARRIVAL, NOW),
    "admitted": lambda guest: domain.admitted(guest, "d", NOW, consent=True),
    "refused": lambda guest: domain.refused(guest, NOW),
    "removed": lambda guest: domain.removed(guest, NOW),
    "withdrawn": lambda guest: domain.withdrawn(guest, NOW),
    "left": domain.left,
    "returned": domain.returned,
    "expired": lambda guest: domain.expired(guest, NOW),
}
REFUSALS = (GuestIllegalMove, InvitationUsed, InvitationOver)


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=12))
def test_whatever_is_tried_only_who_was_let_in_is_inside_and_nobody_comes_back_from_the_end(
    steps: list[str],
) -> None:
    guest, past = invited(), [GuestState.INVITED]
    for step in steps:
        try:
            guest = MOVES[step](guest)
        except REFUSALS:
            continue
        past.append(guest.state)
        assert GuestState.ADMITTED not in past or guest.admitted_by == "d"
        assert guest.has_session(NOW) == (guest.is_live and guest.state != "invited")
        assert (guest.over_at is None) == guest.is_live
    over = [state for state in past if state not in LIVE]
    assert len(set(over)) <= 1
    if over:
        assert past[past.index(over[0]) :] == over, "nobody comes back from the end"


@pytest.mark.parametrize("state", GuestState)
def test_every_state_is_left_only_as_the_table_says(state: GuestState) -> None:
    reached = {
        "invited": [],
        "waiting": ["arrived"],
        "admitted": ["arrived", "admitted"],
        "left": ["arrived", "admitted", "left"],
        "removed": ["arrived", "admitted", "removed"],
        "refused": ["arrived", "refused"],
        "expired": ["expired"],
    }[state.value]
    guest = invited()
    for step in reached:
        guest = MOVES[step](guest)
    assert guest.state is state
    allowed = set()
    for name, move in MOVES.items():
        try:
            if move(guest).state is not state:
                allowed.add(name)
        except REFUSALS:
            pass
    assert (
        allowed
        == {
            "invited": {"arrived", "withdrawn", "expired"},
            "waiting": {"admitted", "refused", "left", "expired"},
            "admitted": {"left", "removed", "expired"},
            "left": {"returned", "removed", "expired"},
            "removed": set(),
            "refused": set(),
            "expired": set(),
        }[state.value]
    )


def test_who_left_comes_back_to_where_they_were() -> None:
    waiting = MOVES["arrived"](invited())
    assert domain.returned(domain.left(waiting)).state is GuestState.WAITING
    inside = MOVES["admitted"](waiting)
    back = domain.returned(domain.left(inside))
    assert (back.state, back.admitted_by) == (GuestState.ADMITTED, "d")


def test_an_invitation_serves_once_and_for_its_time() -> None:
    guest = invited()
    with pytest.raises(InvitationOver):
        domain.arrived(guest, ARRIVAL, NOW + INVITATION_FOR)
    came = domain.arrived(guest, ARRIVAL, NOW + INVITATION_FOR - timedelta(seconds=1))
    assert came.ends_at == came.redeemed_at + SESSION_FOR  # type: ignore[operator]
    with pytest.raises(InvitationUsed):
        domain.arrived(came, Arrival("another", "s2", "h2"), NOW)
    again = domain.arrived(came, Arrival("key", "s2", "h2"), NOW)
    assert (again.session_id, again.state) == ("s2", GuestState.WAITING)
    with pytest.raises(InvitationOver):
        domain.arrived(came, ARRIVAL, came.ends_at)


def test_a_fifth_guest_has_no_place() -> None:
    domain.require_place(MOST - 1)
    with pytest.raises(GuestsFull) as full:
        domain.require_place(MOST)
    assert full.value.extra == {"most": 4}
