"""Guessing gets slower for who guesses, and for nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.bus import FAILURES, Listeners, Word
from server.kit.clock import FrozenClock
from server.login import throttle as module
from server.login.domain import LoginThrottled
from server.login.throttle import BURST, FORGOTTEN, KNOWN, NAME_BURST, Throttle

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _fail(throttle: Throttle, name: str, client: str, now: datetime = NOW) -> None:
    throttle.failed(throttle.attempt(name, client, now), now)


def _succeed(throttle: Throttle, name: str, client: str, now: datetime = NOW) -> None:
    throttle.succeeded(throttle.attempt(name, client, now), now)


def _wait(throttle: Throttle, name: str, client: str, now: datetime = NOW) -> int:
    """Seconds that an attempt would have to wait; 0 when it may be made (and is withdrawn)."""
    try:
        attempt = throttle.attempt(name, client, now)
    except LoginThrottled as error:
        wait = error.retry_after
    else:
        throttle.withdrawn(attempt, now)
        return 0
    assert isinstance(wait, int)
    assert wait >= 1
    return wait


def test_waits_double_up_to_the_longest_and_are_told_exactly() -> None:
    throttle, now, waits = Throttle(free=2, longest=20), NOW, []
    for _ in range(10):
        wait = _wait(throttle, "anna", "here", now)
        waits.append(wait)
        if wait:
            assert _wait(throttle, "anna", "here", now + (wait - 1) * SECOND) == 1
        now += wait * SECOND
        _fail(throttle, "anna", "here", now)
    assert waits == [0, 0, 1, 2, 4, 8, 16, 20, 20, 20]


def test_a_stranger_adds_nothing_to_the_owners_wait() -> None:
    throttle = Throttle(free=2, longest=60)
    for _ in range(2):
        _fail(throttle, "anna", "elsewhere")
    assert _wait(throttle, "anna", "elsewhere")
    assert not _wait(throttle, "anna", "here")


def test_many_clients_together_guess_one_name_slowly() -> None:
    throttle = Throttle(free=5, longest=60)
    guesses, waits = 0, set()
    for number in range(3600):  # an hour, another client each second
        now = NOW + number * SECOND
        if wait := _wait(throttle, "anna", f"bot{number}", now):
            waits.add(wait)
        else:
            _fail(throttle, "anna", f"bot{number}", now)
            guesses += 1
    assert waits
    assert max(waits) <= 20
    assert guesses <= NAME_BURST + 3600 / 20 + 1
    # Other names are not kept waiting.
    assert not _wait(throttle, "bo", "somewhere", NOW + 3600 * SECOND)


def test_who_has_logged_in_from_here_is_not_locked_out_by_them() -> None:
    throttle = Throttle(free=5, longest=60)
    now = NOW
    _succeed(throttle, "anna", "home")
    for number in range(200):
        now += SECOND
        try:
            _fail(throttle, "anna", f"bot{number}", now)
        except LoginThrottled:
            # In the midst of it she comes, mistypes, and gets in.
            if number % 50 == 0:
                _fail(throttle, "anna", "home", now)
                _succeed(throttle, "anna", "home", now)
    assert _wait(throttle, "anna", "a new place", now)
    # Her place has no other rights: there, too, waits grow.
    for _ in range(5):
        _fail(throttle, "anna", "home", now)
    assert _wait(throttle, "anna", "home", now)
    # And what she did does not open it to others at her address.
    assert not _wait(throttle, "bo", "home", now)
    assert not _wait(throttle, "anna", "home", now + KNOWN / 2)


def test_a_place_is_forgotten_when_nobody_comes_back() -> None:
    throttle = Throttle(free=100, longest=60)
    _succeed(throttle, "anna", "home")
    for later, known in ((KNOWN, True), (KNOWN + SECOND, False)):
        now = NOW + later
        for number in range(int(NAME_BURST)):
            attempt = throttle.attempt("anna", f"bot{later}{number}", now)
            throttle.failed(attempt, now)
            if not _wait(throttle, "anna", "strange", now):
                continue
            break
        assert bool(_wait(throttle, "anna", "home", now)) is not known
        throttle._names.clear()


def test_guesses_sent_side_by_side_gain_nothing() -> None:
    throttle = Throttle(free=3, longest=60)
    begun = [throttle.attempt("anna", "here", NOW) for _ in range(3)]
    assert _wait(throttle, "anna", "here") == 1
    for attempt in begun:
        throttle.failed(attempt, NOW)
    # Beyond the free ones there is one at a time.
    later = NOW + 60 * SECOND
    one = throttle.attempt("anna", "here", later)
    assert _wait(throttle, "anna", "here", later) == 1
    throttle.failed(one, later)


def test_what_was_never_looked_at_is_no_failure() -> None:
    throttle = Throttle(free=1, longest=60)
    for _ in range(200):
        throttle.withdrawn(throttle.attempt("anna", "here", NOW), NOW)
    assert not _wait(throttle, "anna", "here")
    assert not throttle._failures


def test_a_client_that_sprays_names_runs_dry_and_recovers() -> None:
    throttle = Throttle(free=5, longest=60)
    for number in range(int(BURST)):
        _fail(throttle, f"name{number}", "spray")
    wait = _wait(throttle, "another", "spray")
    assert wait == 2
    assert not _wait(throttle, "another", "elsewhere")
    assert not _wait(throttle, "another", "spray", NOW + wait * SECOND)


def test_who_logs_in_often_from_one_place_is_never_slowed() -> None:
    throttle = Throttle(free=5, longest=60)
    for number in range(500):  # a clinic behind one address
        _succeed(throttle, f"name{number % 100}", "clinic")
    assert not _wait(throttle, "another", "clinic")


def test_failures_are_forgotten() -> None:
    throttle = Throttle(free=2, longest=60)
    for _ in range(2):
        _fail(throttle, "anna", "here")
    assert _wait(throttle, "anna", "here")
    later = NOW + FORGOTTEN + SECOND
    _fail(throttle, "anna", "here", later)
    assert not _wait(throttle, "anna", "here", later)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 100)
    throttle = Throttle(free=2, longest=60)
    held = [throttle.attempt("slow", "slow", NOW)]
    for number in range(1000):
        _fail(throttle, f"name{number}", f"client{number}")
        _succeed(throttle, f"other{number}", f"there{number}")
    tables = (throttle._failures, throttle._clients, throttle._names, throttle._known)
    assert all(99 <= len(each) <= 100 for each in tables)
    throttle.failed(held[0], NOW)  # its row is gone; nothing breaks
    throttle.withdrawn(held[0], NOW)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["anna", "bo"]),
            st.sampled_from(["a", "b", "c"]),
            st.sampled_from(["failed", "succeeded", "withdrawn", "pending"]),
            st.integers(0, 90),
        ),
        max_size=60,
    )
)
@pytest.mark.property
def test_nobody_waits_longer_than_the_longest(steps: list[tuple[str, str, str, int]]) -> None:
    throttle, now = Throttle(free=2, longest=30), NOW
    waits: list[int] = []
    for name, client, ends, passed in steps:
        now += passed * SECOND
        try:
            attempt = throttle.attempt(name, client, now)
        except LoginThrottled as error:
            waits.append(error.retry_after)
            continue
        if ends == "failed":
            throttle.failed(attempt, now)
        elif ends == "succeeded":
            throttle.succeeded(attempt, now)
        else:
            throttle.withdrawn(attempt, now)
    assert all(1 <= wait <= 30 for wait in waits)


class Party(Listeners):
    """A bus on which others hear at once."""

    up = True

    def __init__(self, others: list["Party"]) -> None:
        super().__init__()
        self.said: list[Word] = []
        self._others = others
        others.append(self)

    def publish(self, topic: str, word: Word) -> None:
        self.said.append(word)
        for other in self._others:
            if other is not self:
                other.hear(topic, self.name, word)


@pytest.fixture
def three() -> tuple[list[Throttle], list[Party]]:
    """Three servers."""
    parties: list[Party] = []
    throttles = [Throttle(free=5, longest=60) for _ in range(3)]
    for throttle in throttles:
        throttle.share(Party(parties), FAILURES, FrozenClock(NOW))
    return throttles, parties


def test_who_guesses_at_three_servers_guesses_no_faster(
    three: tuple[list[Throttle], list[Party]],
) -> None:
    servers, parties = three
    for number in range(5):
        _fail(servers[number % 3], "ada", "attacker")
    assert [_wait(server, "ada", "attacker") for server in servers] == [1, 1, 1]
    # Nor over many names, nor from many places.
    for number in range(int(BURST) - 5):
        _fail(servers[number % 3], f"name {number}", "attacker")
    assert all(_wait(server, "another", "attacker") for server in servers)
    for number in range(int(NAME_BURST)):
        _fail(servers[number % 3], "bo", f"client {number}")
    assert all(_wait(server, "bo", "one more") for server in servers)
    # Nobody on the way reads who was tried, or from where.
    said = repr([party.said for party in parties])
    assert not any(word in said for word in ("ada", "attacker", "client 1", "name 1"))


def test_the_owner_is_known_at_every_server(three: tuple[list[Throttle], list[Party]]) -> None:
    servers, _ = three
    _fail(servers[0], "ada", "home")
    _succeed(servers[1], "ada", "home")
    for number in range(int(NAME_BURST) - 1):
        _fail(servers[number % 3], "ada", f"client {number}")
    assert [_wait(server, "ada", "home") for server in servers] == [0, 0, 0]
    assert all(_wait(server, "ada", "elsewhere") for server in servers)


@pytest.mark.parametrize("word", [None, 7, {}, {"name": 1, "client": "c", "strange": True}, []])
def test_a_word_of_another_release_changes_nothing(
    three: tuple[list[Throttle], list[Party]], word: Word
) -> None:
    servers, parties = three
    parties[1].publish(FAILURES, word)
    assert _wait(servers[0], "ada", "home") == 0
