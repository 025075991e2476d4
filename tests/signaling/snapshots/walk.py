"""A walk: what people do, one after the other, through the real use cases; refusals included."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from hypothesis import strategies as st

from server.guests import service as guests
from server.guests.domain import Arrival, GuestRole
from server.kit.actor import Actor
from server.kit.errors import DomainError
from server.kit.ids import new_id
from server.messages import service as messages
from server.queueing import service as queueing
from server.queueing.domain import Channel, DutyState
from server.visits import service as visits
from server.visits.domain import ModeReason, Visit
from tests.server.guests.lobby import acting
from tests.signaling.snapshots.cast import Cast, LeapingClock, Player
from tests.signaling.stage import DOCTOR

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that somebody tries; the numbers choose among whoever and whatever there is."""

    kind: str
    who: int
    which: int


class Walk:
    """The moves, on a cast."""

    def __init__(self, cast: Cast, clock: LeapingClock) -> None:
        self.cast = cast
        self.clock = clock
        self.guests: dict[str, list[str]] = {}
        """By visit."""
        self.present: dict[str, Actor] = {}
        """Guests with a session."""

    async def make(self, move: Move) -> bool:
        """Try the move; False when it was refused or there was nothing to do it with."""
        try:
            await MOVES[move.kind][1](self, move)
        except (DomainError, LookupError):
            return False
        return True

    async def join_queue(self, move: Move) -> None:
        patient = _one(self.cast.patients, move.who)
        view = await self.cast.stage.queue(patient.person, list(Channel)[move.which % 2])
        patient.tickets.append(view.ticket.id)

    async def leave_queue(self, move: Move) -> None:
        patient = _one(self.cast.patients, move.who)
        ticket = _latest(patient.tickets, move.which)
        await self.cast.stage.write(queueing.leave, patient.person.actor, ticket)

    async def choose_channel(self, move: Move) -> None:
        patient = _one(self.cast.patients, move.who)
        channel = list(Channel)[move.which % 2]
        ticket = patient.tickets[-1]
        await self.cast.stage.write(queueing.set_channel, patient.person.actor, ticket, channel)

    async def call(self, move: Move) -> None:
        doctor = _one(self.cast.clinicians, move.who)
        if move.which % 2:
            called = await self.cast.stage.write(visits.call_next, doctor.person.actor)
        else:
            ticket = _one(self.cast.patients, move.which).tickets[-1]
            called = await self.cast.stage.write(visits.take, doctor.person.actor, ticket)
        self._met(doctor, called.visit)

    async def answer(self, move: Move) -> None:
        patient = _one(self.cast.patients, move.who)
        visit = _latest(patient.visits, move.which)
        await self.cast.stage.write(visits.join, patient.person.actor, visit)

    async def walk_out(self, move: Move) -> None:
        patient = _one(self.cast.patients, move.who)
        visit = _latest(patient.visits, move.which)
        await self.cast.stage.write(visits.leave, patient.person.actor, visit)

    async def change_mode(self, move: Move) -> None:
        player = _one(self.cast.everybody, move.who)
        mode = list(Channel)[move.which % 2]
        reason = list(ModeReason)[move.which % len(ModeReason)]
        visit = player.visits[-1]
        await self.cast.stage.write(visits.set_mode, player.person.actor, visit, mode, reason)

    async def say(self, move: Move) -> None:
        player = _one(self.cast.everybody, move.who)
        visit, line = _latest(player.visits, move.which), f"rad {move.which}"
        await self.cast.stage.write(messages.post, player.person.actor, visit, new_id(), line)

    async def decide(self, move: Move) -> None:
        """What a clinician does with a visit: most of it fits only some of its states."""
        doctor = _one(self.cast.clinicians, move.who)
        fitting = (visits.end, visits.no_answer, visits.give_back, visits.no_show)
        use_case = (*fitting, visits.confirm_identity)[move.which % 5]
        await self.cast.stage.write(use_case, doctor.person.actor, doctor.visits[-1])

    async def see_to_guests(self, move: Move) -> None:
        """Somebody is invited, comes, is let in or out, goes and comes back."""
        doctor = _one(self.cast.clinicians, move.who)
        write, host, visit = self.cast.stage.write, doctor.person.actor, doctor.visits[-1]
        known = self.guests.setdefault(visit, [])
        if move.which % 9 < 2:
            guest = await write(guests.invite, host, visit, "Gäst", GuestRole.RELATIVE)
            await write(guests.issue, host, visit, guest.id, guest.id)
            known.append(guest.id)
            return
        guest_id = _latest(known, move.which)
        if move.which % 9 < 5:
            arrival = Arrival(new_id(), new_id(), new_id())
            view, _ = await write(guests.redeem, guest_id, arrival)
            self.present[guest_id] = acting(view.guest)
            await write(guests.admit, host, visit, guest_id, True)
        elif move.which % 9 < 7:
            stays = (guests.leave, guests.come_back)[move.which % 2]
            await write(stays, self.present[guest_id])
        else:
            out = (guests.remove, guests.withdraw)[move.which % 2]
            await write(out, host, visit, guest_id)

    async def write_note(self, move: Move) -> None:
        doctor = _one(self.cast.clinicians, move.who)
        actor, visit = doctor.person.actor, _latest(doctor.visits, move.which)
        view = await self.cast.stage.write(visits.visit_for, actor, visit)
        version = view.visit.note_version
        if move.which % 3:
            text = f"anteckning {move.which}"
            await self.cast.stage.write(visits.save_note, actor, visit, text, version)
        else:
            await self.cast.stage.write(visits.sign_note, actor, visit, version)

    async def shift(self, move: Move) -> None:
        doctor = _one(self.cast.clinicians, move.who)
        state = (DutyState.PAUSED, DutyState.ON)[move.which % 2]
        clinic = self.cast.clinic_id
        await self.cast.stage.write(queueing.set_duty, doctor.person.actor, state, clinic, DOCTOR)

    async def whole_visit(self, move: Move) -> None:
        """From the queue to the end at once: with five of them there is a wait to tell."""
        clock, stage = self.clock, self.cast.stage
        patient, doctor = _one(self.cast.patients, move.who), _one(self.cast.clinicians, move.who)
        await self.join_queue(move)
        taken = await stage.write(visits.take, doctor.person.actor, patient.tickets[-1])
        self._met(doctor, taken.visit)
        await stage.write(visits.join, patient.person.actor, taken.visit.id)
        clock.leap(timedelta(minutes=1 + move.which % 4))
        await stage.write(visits.end, doctor.person.actor, taken.visit.id)

    async def come_or_go(self, move: Move) -> None:
        """The network of one device goes, or comes back."""
        player = _one(self.cast.everybody, move.who)
        if player.tab is None:
            await self.cast.enter(player)
        else:
            tab, player.tab = player.tab, None
            await tab.cut()

    def _met(self, doctor: Player, visit: Visit) -> None:
        doctor.visits.append(visit.id)
        for patient in self.cast.patients:
            if patient.person.actor.account_id == visit.patient_id:
                patient.visits.append(visit.id)


def _one(of: list[T], number: int) -> T:
    if not of:
        raise LookupError
    return of[number % len(of)]


def _latest(of: list[T], number: int) -> T:
    """Mostly the newest; now and then an older one, for which most moves come too late."""
    return of[-1] if number % 4 else _one(of, number // 4)


Step = Callable[[Walk, Move], Awaitable[None]]
MOVES: dict[str, tuple[int, Step]] = {
    "join_queue": (5, Walk.join_queue),
    "leave_queue": (1, Walk.leave_queue),
    "choose_channel": (2, Walk.choose_channel),
    "call": (4, Walk.call),
    "answer": (4, Walk.answer),
    "walk_out": (1, Walk.walk_out),
    "change_mode": (2, Walk.change_mode),
    "say": (4, Walk.say),
    "decide": (4, Walk.decide),
    "see_to_guests": (4, Walk.see_to_guests),
    "write_note": (2, Walk.write_note),
    "shift": (1, Walk.shift),
    "whole_visit": (1, Walk.whole_visit),
    "come_or_go": (1, Walk.come_or_go),
}
"""The moves by name, each with how often it is tried."""

LOOK = "look"
"""The kind of a step in which nobody does anything and everybody fetches what there is."""

_OFTEN = [kind for kind, (weight, _) in MOVES.items() for _ in range(weight)] + 3 * [LOOK]

moves: st.SearchStrategy[Move] = st.builds(
    Move, kind=st.sampled_from(_OFTEN), who=st.integers(0, 29), which=st.integers(0, 29)
)


def some_moves(chance: random.Random, number: int) -> list[Move]:
    """So many moves by chance, for walks that need no shrinking."""
    return [
        Move(chance.choice(_OFTEN), chance.randrange(30), chance.randrange(30))
        for _ in range(number)
    ]


def thorough() -> list[Move]:
    """A walk in which everything happens that a hint tells of."""
    steps = [Move("whole_visit", number, number) for number in range(5)]
    for kind, who, which in (
        ("join_queue", 0, 0),
        ("join_queue", 1, 1),
        ("join_queue", 2, 0),
        ("choose_channel", 2, 1),
        ("call", 0, 1),
        ("decide", 0, 1),
        ("call", 0, 0),
        ("answer", 0, 1),
        ("say", 0, 1),
        ("say", 3, 1),
        ("see_to_guests", 0, 1),
        ("see_to_guests", 0, 3),
        ("change_mode", 0, 1),
        ("come_or_go", 3, 0),
        ("walk_out", 0, 1),
        ("call", 1, 1),
        ("come_or_go", 3, 1),
        ("leave_queue", 2, 1),
        ("shift", 1, 0),
    ):
        steps += [Move(kind, who, which)]
        if which == 1:
            steps.append(Move(LOOK, 0, 1))
    return steps
