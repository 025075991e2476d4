"""What devices say to each other past the server: carried to whom it is for, and kept nowhere."""

import logging

import pytest

from signaling.rooms.errors import CallNoLeg
from signaling.rooms.legs import Switches
from signaling.wire.hints import CallKey, CallSlots
from signaling.wire.requests import CallJoined
from tests.signaling.stage import Stage
from tests.signaling.test_calls import CLINICIAN, PATIENT, VISIT, admit
from tests.signaling.test_calls import Stage as Rooms
from tests.signaling.test_people import GUESTS, enter, sid

KEYS = {who: who.ljust(87, "-") for who in ("anna", "bo")}
SECRET = "c2VjcmV0"


@pytest.fixture
def rooms() -> Rooms:
    rooms = Rooms()
    for guest in GUESTS:
        rooms.around.sockets[sid(guest)] = guest.account_id
    return rooms


async def able(rooms: Rooms) -> tuple[CallJoined, CallJoined]:
    """Both join, with a key each."""
    anna = await rooms.calls.join(VISIT, "anna", "a1", admit(PATIENT), KEYS["anna"])
    return anna, await rooms.calls.join(VISIT, "bo", "b1", admit(CLINICIAN), KEYS["bo"])


def carried(rooms: Rooms) -> list[tuple[str, CallKey]]:
    return [(to, hint) for to, hint, _ in rooms.around.told if isinstance(hint, CallKey)]


def seated(rooms: Rooms, account: str) -> list[CallSlots]:
    return [h for to, h, _ in rooms.around.told if to == account and isinstance(h, CallSlots)]


async def test_a_seat_shows_the_key_of_this_leg_or_none(rooms: Rooms) -> None:
    _, bo = await able(rooms)
    assert bo.seating.slots[0] is not None
    assert bo.seating.slots[0].public_key == KEYS["anna"]
    assert (seat := seated(rooms, "anna")[-1].slots[0]) is not None
    assert seat.public_key == KEYS["bo"]
    # A leg is a device's: one that replaces it inherits the muting, and no key.
    await rooms.join(CLINICIAN, "b1")
    assert (seat := seated(rooms, "anna")[-1].slots[0]) is not None
    assert seat.public_key is None


async def test_a_message_goes_to_whom_it_is_for_and_names_the_sender(rooms: Rooms) -> None:
    anna, bo = await able(rooms)
    (guest,) = await enter(rooms, GUESTS[0])
    to_both = {bo.participant_id: "for-bo", guest.participant_id: "for-guest"}
    rooms.calls.pass_on("anna", "a1", VISIT, anna.leg_id, to_both)
    assert [(to, hint.leg_id, hint.sealed) for to, hint in carried(rooms)] == [
        ("bo", bo.leg_id, "for-bo"),
        (GUESTS[0].account_id, guest.leg_id, "for-guest"),
    ]
    assert {hint.participant_id for _, hint in carried(rooms)} == {anna.participant_id}


async def test_nothing_goes_to_who_is_not_in_the_call_nor_from_anybody_elses_leg(
    rooms: Rooms,
) -> None:
    anna, bo = await able(rooms)
    absent = GUESTS[1].participant
    rooms.calls.pass_on("anna", "a1", VISIT, anna.leg_id, {absent: "x", anna.participant_id: "x"})
    elsewhere = VISIT.replace("1", "2")
    for account, visit, leg in (
        ("bo", VISIT, anna.leg_id),
        ("anna", elsewhere, anna.leg_id),
        ("anna", VISIT, bo.leg_id),
    ):
        with pytest.raises(CallNoLeg):
            rooms.calls.pass_on(account, "b1", visit, leg, {bo.participant_id: "x"})
    await rooms.calls.leave("anna", VISIT, anna.leg_id)
    with pytest.raises(CallNoLeg):
        rooms.calls.pass_on("anna", "a1", VISIT, anna.leg_id, {bo.participant_id: "x"})
    assert carried(rooms) == []


async def test_a_socket_that_takes_a_leg_over_is_told_who_is_there(rooms: Rooms) -> None:
    anna, bo = await able(rooms)
    rooms.calls.socket_gone("a1")
    del rooms.around.sockets["a1"]
    rooms.around.sockets["a2"] = "anna"
    # What is told now reaches no socket of hers: bo's device is another one.
    again = await rooms.calls.join(VISIT, "bo", "b1", admit(CLINICIAN), "n" * 87)
    assert again.leg_id != bo.leg_id
    rooms.around.told.clear()
    on = Switches()
    rooms.calls.set_state("anna", "a2", VISIT, anna.leg_id, on)
    (hint,) = seated(rooms, "anna")
    assert hint.slots[0] is not None
    assert hint.slots[0].public_key == "n" * 87
    rooms.calls.set_state("anna", "a2", VISIT, anna.leg_id, on)
    assert len(seated(rooms, "anna")) == 1, "the same socket has heard it"


@pytest.mark.parametrize(
    "wrong",
    [
        {"public_key": ""},
        {"public_key": "A" * 86},
        {"public_key": "A" * 88},
        {"public_key": "å" * 87},
        {"public_key": "A" * 86 + "="},
        {"public_key": 7},
    ],
)
async def test_a_key_that_is_none_is_refused(stage: Stage, wrong: dict[str, object]) -> None:
    patient = await stage.tab(await stage.patient())
    visit = "01890000-0000-7000-8000-000000000009"
    assert await patient.refused("call.join", visit_id=visit, **wrong) == "request.invalid"


async def test_words_over_the_socket_and_their_bounds(
    stage: Stage, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    patient, staff = await stage.tab(anna), await stage.tab(bo)
    mine = await patient.ok("call.join", visit_id=visit_id, public_key=KEYS["anna"])
    theirs = await staff.ok("call.join", visit_id=visit_id, public_key=KEYS["bo"])
    assert theirs["seating"]["slots"][0]["public_key"] == KEYS["anna"]
    leg = {"visit_id": visit_id, "leg_id": mine["leg_id"]}
    to = theirs["participant_id"]
    good = {"participant_id": to, "sealed": SECRET}
    for messages in (
        [],
        [good] * 6,
        [good | {"sealed": ""}],
        [good | {"sealed": "A" * 1025}],
        [good | {"sealed": "a b"}],
        [good | {"more": 1}],
        [good | {"participant_id": "everybody"}],
        "all",
    ):
        assert await patient.refused("call.keys", **leg, messages=messages) == "request.invalid"
    await patient.ok("call.keys", **leg, messages=[good])
    heard = await staff.until("call.key")
    assert heard == {
        "type": "call.key",
        "visit_id": visit_id,
        "leg_id": theirs["leg_id"],
        "participant_id": mine["participant_id"],
        "sealed": SECRET,
    }
    assert not patient.hints("call.key")
    assert await staff.refused("call.keys", **leg, messages=[good]) == "call.replaced", "not hers"
    written = capsys.readouterr()
    assert SECRET not in caplog.text + written.out + written.err, "and no log knows of it"
