"""Opening hours over nights, exceptions and the days when the clock changes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.clinics import domain, service
from server.clinics.domain import DAY, SIGHT, STOCKHOLM, WHOLE_DAY, Opening, Schedule, Span, opening
from server.kit.actor import Profession
from server.kit.clock import FrozenClock
from server.kit.db import Database, UnitOfWork
from server.kit.errors import NotFound
from tests.support import People

OFFICE = Schedule({day: (Span(8 * 60, 17 * 60),) for day in range(5)})
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def at(text: str) -> datetime:
    """A Swedish wall clock reading."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


def test_office_hours() -> None:
    assert opening(OFFICE, at("2026-03-02 07:59")) == Opening(
        False, next_opening=at("2026-03-02 08:00").astimezone(UTC)
    )
    assert opening(OFFICE, at("2026-03-02 08:00")) == Opening(
        True, closes_at=at("2026-03-02 17:00").astimezone(UTC)
    )
    # Friday evening: Monday.
    assert opening(OFFICE, at("2026-03-06 17:00")).next_opening == at("2026-03-09 08:00")


def test_day_and_night() -> None:
    always = Schedule(always=True)
    assert opening(always, at("2026-03-29 02:30")) == Opening(True)
    closed = Schedule(always=True, exceptions={date(2026, 12, 24): ()})
    assert opening(closed, at("2026-12-23 12:00")).closes_at == at("2026-12-24 00:00")
    assert opening(closed, at("2026-12-24 12:00")).next_opening == at("2026-12-25 00:00")


def test_a_closing_is_told_within_sight() -> None:
    noon, today = at("2026-06-01 12:00"), date(2026, 6, 1)
    last, beyond = (today + timedelta(days=days) for days in (SIGHT - 1, SIGHT + 1))
    in_sight = Schedule(always=True, exceptions={last: ()})
    assert opening(in_sight, noon).closes_at == at(f"{last} 00:00")
    assert opening(Schedule(always=True, exceptions={beyond: ()}), noon) == Opening(True)
    # Open once and never again: the closing is known, however little follows.
    once = Schedule(exceptions={today: (Span(8 * 60, 17 * 60),)})
    assert opening(once, noon).closes_at == at("2026-06-01 17:00")


@pytest.mark.parametrize(
    ("schedule", "most"),
    [
        (Schedule(always=True), 0),
        (Schedule(always=True, exceptions={date(2026, 12, 24): ()}), 0),
        (Schedule(always=True, exceptions={date(2026, 6, 5): (WHOLE_DAY,)}), 2 * SIGHT + 8),
        (Schedule(dict.fromkeys(range(7), (WHOLE_DAY,))), 2 * SIGHT + 8),
        (OFFICE, 20),
    ],
)
def test_looking_costs_little_however_long_it_is_open(
    schedule: Schedule, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[date] = []
    convert = domain._instant

    def counted(day: date, minutes: int, *, last: bool) -> datetime:
        asked.append(day)
        return convert(day, minutes, last=last)

    monkeypatch.setattr(domain, "_instant", counted)
    assert opening(schedule, at("2026-06-01 12:00")).open
    assert len(asked) <= most


def test_never() -> None:
    assert opening(Schedule(), at("2026-03-02 12:00")) == Opening(False)


def test_over_midnight_and_side_by_side() -> None:
    night = Schedule({0: (Span(20 * 60, 32 * 60),)})
    assert opening(night, at("2026-03-03 07:59")).closes_at == at("2026-03-03 08:00")
    assert opening(night, at("2026-03-03 08:00")).next_opening == at("2026-03-09 20:00")
    halves = Schedule({0: (Span(12 * 60, 17 * 60), Span(8 * 60, 12 * 60))})
    assert opening(halves, at("2026-03-02 09:00")).closes_at == at("2026-03-02 17:00")


def test_an_exception_replaces_the_day() -> None:
    schedule = Schedule(OFFICE.weekly, {date(2026, 3, 2): (Span(10 * 60, 11 * 60),)})
    assert opening(schedule, at("2026-03-02 09:00")).next_opening == at("2026-03-02 10:00")
    assert opening(schedule, at("2026-03-02 11:00")).next_opening == at("2026-03-03 08:00")


def test_the_hour_that_does_not_happen() -> None:
    schedule = Schedule({6: (Span(2 * 60 + 30, 5 * 60),)})
    # 02:30 does not exist: the clock goes from 02:00 to 03:00, at 01:00 UTC.
    before = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert opening(schedule, before).next_opening == datetime(2026, 3, 29, 1, tzinfo=UTC)
    ends = Schedule({6: (Span(60, 2 * 60 + 30),)})
    assert opening(ends, before).closes_at == datetime(2026, 3, 29, 1, tzinfo=UTC)
    inside = Schedule({6: (Span(2 * 60 + 10, 2 * 60 + 50),)})
    assert opening(inside, before).next_opening == datetime(2026, 4, 5, 0, 10, tzinfo=UTC)


def test_the_hour_that_happens_twice() -> None:
    schedule = Schedule({6: (Span(2 * 60, 3 * 60),)})
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = first + timedelta(hours=1)
    assert opening(schedule, first) == opening(schedule, second)
    assert opening(schedule, first).closes_at == datetime(2026, 10, 25, 2, tzinfo=UTC)


spans = st.builds(
    lambda opens, length: Span(opens, min(opens + length, opens + DAY)),
    st.integers(0, DAY - 1),
    st.integers(1, DAY),
)
schedules = st.builds(
    Schedule,
    st.dictionaries(st.integers(0, 6), st.lists(spans, max_size=3).map(tuple)),
    st.dictionaries(
        st.sampled_from([SPRING, AUTUMN, SPRING + timedelta(days=1)]),
        st.lists(spans, max_size=2).map(tuple),
    ),
    st.booleans(),
)
moments = st.sampled_from([SPRING, AUTUMN, date(2026, 6, 10)]).flatmap(
    lambda day: st.integers(-2 * DAY, 2 * DAY).map(
        lambda minutes: (
            datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes)
        )
    )
)


def on_the_wall(schedule: Schedule, now: datetime) -> bool:
    """Whether a person who reads the wall clock and the sign on the door thinks it is open."""
    local = now.astimezone(STOCKHOLM)
    minute = local.hour * 60 + local.minute
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    return any(span.opens <= minute < span.closes for span in schedule.spans(today)) or any(
        minute + DAY < span.closes for span in schedule.spans(yesterday)
    )


@given(schedules, moments)
@pytest.mark.property
def test_open_means_what_the_sign_says(schedule: Schedule, now: datetime) -> None:
    found = opening(schedule, now)
    if on_the_wall(schedule, now):
        assert found.open
    elif now.astimezone(STOCKHOLM).date() != AUTUMN:
        # When an hour happens twice, a span that begins or ends in it reaches over both.
        assert not found.open


@given(schedules, moments)
@pytest.mark.property
def test_the_next_change_is_a_change_and_nothing_changes_before(
    schedule: Schedule, now: datetime
) -> None:
    found = opening(schedule, now)
    change = found.closes_at if found.open else found.next_opening
    assert found.next_opening is None or not found.open
    if change is None:
        return
    assert change > now
    assert opening(schedule, change).open is not found.open
    before = change - timedelta(minutes=1)
    if before > now:
        assert opening(schedule, before).open is found.open


async def test_hours_are_kept_in_the_database(
    people: People, database: Database, clock: FrozenClock
) -> None:
    clinic = await people.clinic(professions=[Profession.DOCTOR], always=False)

    def change(uow: UnitOfWork) -> None:
        service.set_hours(
            uow, clinic.id, Profession.DOCTOR, [(day, Span(480, 1020)) for day in range(5)]
        )
        service.add_exception(uow, clinic.id, date(2026, 3, 2))
        service.add_exception(uow, clinic.id, date(2026, 3, 3), Span(600, 660))
        # Said of the doctors themselves, it outranks what is said of the house.
        service.add_exception(uow, clinic.id, date(2026, 3, 3), Span(540, 600), Profession.DOCTOR)

    await database.write(change)
    found = await database.read(service.opening, clinic.id, "doctor")
    assert found == Opening(False, next_opening=at("2026-03-03 09:00"))
    clock.advance(timedelta(hours=23, minutes=30))
    assert (await database.read(service.opening, clinic.id, "doctor")).closes_at == at(
        "2026-03-03 10:00"
    )
    for profession in ("psychologist", "nonsense"):
        with pytest.raises(NotFound):
            await database.read(service.opening, clinic.id, profession)
    with pytest.raises(NotFound):
        await database.read(service.get_clinic, clinic.id[::-1])


async def test_all_openings_are_those_of_each(people: People, database: Database) -> None:
    made = [
        await people.clinic(professions=list(Profession), always=always) for always in (True, False)
    ]

    def both(uow: UnitOfWork) -> None:
        service.add_exception(uow, made[0].id, date(2026, 3, 2), Span(600, 660), Profession.DOCTOR)
        service.add_exception(uow, made[0].id, date(2026, 3, 2))
        service.set_hours(uow, made[1].id, Profession.DOCTOR, [(0, Span(480, 1020))])
        found = service.openings(uow)
        assert len(found) == 2 * len(Profession)
        assert found == {
            (clinic_id, profession): service.opening(uow, clinic_id, profession)
            for clinic_id, profession in found
        }
        assert found[made[0].id, "doctor"].closes_at == at("2026-03-02 11:00")
        assert not found[made[0].id, "psychologist"].open
        assert found[made[1].id, "doctor"].open

    await database.write(both)


@pytest.mark.parametrize(("opens", "closes"), [(-1, 5), (5, 5), (6, 5), (DAY, DAY + 1), (5, 2000)])
def test_spans_that_are_none(opens: int, closes: int) -> None:
    with pytest.raises(ValueError, match="no span"):
        Span(opens, closes)
