"""Hashes, and the pool in which clients take turns."""

import asyncio
import threading
import unicodedata

import pytest

from server.kit.errors import Busy
from server.login.domain import LoginThrottled
from server.login.passwords import PasswordPool, hash_password, needs_rehash, verify_password

_SOME_HASH = hash_password("something")


def test_hashes_verify() -> None:
    hashed = hash_password("gräs")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password(hashed, "gräs")
    assert not verify_password(hashed, "gras")
    assert not verify_password("no hash", "gräs")
    assert not needs_rehash(hashed)


class Held:
    """Work that waits until it is let go, and tells in which order it ran."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        self.ran: list[str] = []

        def slow(_hashed: str, password: str) -> bool:
            self.go.wait(10)
            self.ran.append(password)
            return True

        monkeypatch.setattr("server.login.passwords.verify_password", slow)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(monkeypatch)


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> PasswordPool:
    made = PasswordPool(threads=1)
    # Eight may wait, two of one client.
    monkeypatch.setattr(PasswordPool, "room", property(lambda _self: 8))
    return made


async def _ask(pool: PasswordPool, client: str, name: str) -> bool:
    return await pool.verify(_SOME_HASH, name, client)


async def test_clients_take_turns(pool: PasswordPool, held: Held) -> None:
    names = [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1")]
    running = [asyncio.ensure_future(_ask(pool, *each)) for each in names]  # noqa: TID251
    await asyncio.sleep(0.02)
    assert (pool.running, pool.waiting) == (1, 4)
    held.go.set()
    assert all(await asyncio.gather(*running))
    assert held.ran == ["a1", "a2", "b1", "c1", "a3"]
    assert (pool.running, pool.waiting) == (0, 0)
    pool.close()


async def test_one_client_can_not_fill_the_room(pool: PasswordPool, held: Held) -> None:
    tasks = [
        asyncio.ensure_future(_ask(pool, "a", str(n)))  # noqa: TID251
        for n in range(4)
    ]
    await asyncio.sleep(0.02)
    held.go.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in results] == [bool, bool, bool, LoginThrottled]
    pool.close()


async def test_a_full_room_is_busy_and_the_longest_line_gives_way(
    pool: PasswordPool, held: Held
) -> None:
    crowd = [("x", "x")] + [(client, f"{client}{n}") for client in "abcd" for n in (1, 2)]
    tasks = [asyncio.ensure_future(_ask(pool, *each)) for each in crowd]  # noqa: TID251
    await asyncio.sleep(0.02)
    assert pool.waiting == 8
    newcomer = asyncio.ensure_future(_ask(pool, "e", "e1"))  # noqa: TID251
    await asyncio.sleep(0.02)
    assert pool.waiting == 8
    held.go.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert await newcomer
    assert sum(isinstance(each, Busy) for each in results) == 1
    pool.close()


async def test_a_caller_that_goes_away_frees_its_place(pool: PasswordPool, held: Held) -> None:
    tasks = [
        asyncio.ensure_future(_ask(pool, "a", name))  # noqa: TID251
        for name in ("1", "2", "3")
    ]
    await asyncio.sleep(0.02)
    tasks[0].cancel()  # runs already: its thread stays taken until it is done
    tasks[1].cancel()  # waits
    await asyncio.sleep(0.02)
    assert (pool.running, pool.waiting) == (1, 1)
    held.go.set()
    assert await tasks[2]
    assert held.ran == ["1", "3"]
    assert (pool.running, pool.waiting) == (0, 0)
    pool.close()


async def test_who_waits_when_the_pool_closes_is_told_to_come_again(
    pool: PasswordPool, held: Held
) -> None:
    tasks = [
        asyncio.ensure_future(_ask(pool, client, client))  # noqa: TID251
        for client in "abc"
    ]
    await asyncio.sleep(0.02)
    pool.close()
    with pytest.raises(Busy):
        await _ask(pool, "d", "d")
    held.go.set()
    first, *others = await asyncio.gather(*tasks, return_exceptions=True)
    assert first is True
    assert [type(each) for each in others] == [Busy, Busy]
    assert (pool.running, pool.waiting) == (0, 0)


@pytest.mark.parametrize("stored", [None, "-", "", "$argon2id$v=19$broken", "$2b$12$x"])
async def test_what_is_no_hash_costs_the_same_work(
    stored: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def noted(hashed: str, _password: str) -> bool:
        seen.append(hashed)
        return True  # even if it were right

    monkeypatch.setattr("server.login.passwords.verify_password", noted)
    pool = await asyncio.to_thread(PasswordPool, 1)
    assert not await pool.verify(stored, "x", "client")
    assert [each[:31] for each in seen] == ["$argon2id$v=19$m=19456,t=2,p=1$"]
    pool.close()


@pytest.mark.parametrize(
    "password", ["x", "å" * 1000, "a\u0308" * 500, "\u0315\u0300" * 500, "\u202e"]
)
async def test_any_text_may_be_a_password(password: str) -> None:
    pool = await asyncio.to_thread(PasswordPool, 1)
    hashed = await pool.hash(password, "client")
    assert await pool.verify(hashed, unicodedata.normalize("NFD", password), "client")
    assert not await pool.verify(hashed, password + "x", "client")
    pool.close()


async def test_the_loop_goes_on_while_passwords_are_hashed() -> None:
    pool = await asyncio.to_thread(PasswordPool, 2)
    hashed = await pool.hash("x", "client")
    work = asyncio.gather(*(pool.verify(hashed, "x", f"c{n % 5}") for n in range(10)))
    longest = 0.0
    loop = asyncio.get_running_loop()
    while not work.done():
        before = loop.time()
        await asyncio.sleep(0.001)
        longest = max(longest, loop.time() - before)
    assert all(await work)
    assert longest < 0.25
    pool.close()
