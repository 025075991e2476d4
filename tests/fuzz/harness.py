"""Runs a target over many inputs and stops at the first that does harm.

Harm is: an exception that the target does not expect, anything logged at ERROR (a catch-all that
caught an escape says so there), a task or callback that failed, a broken invariant, memory that
grows with the number of inputs. Input number `n` is made from `(seed, target, n)` alone and from
the target's state, which begins anew with each episode: a failure is replayed from its start.
"""

import asyncio
import gc
import json
import logging
import sys
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, ClassVar
from zlib import crc32

from typing_extensions import override

from tests.fuzz.memory import Held, census, held

FOUND = Path("build/fuzz")
# Inputs before memory is compared: caches fill, tables reach their bounds.
WARM = 2000


class Target(ABC):
    """One parser or entry. Made anew for each run."""

    name: ClassVar[str]
    # Outcomes that ten thousand inputs must have had: shows that the depth is reached.
    reaches: ClassVar[frozenset[str]] = frozenset()
    # Inputs between one fresh state and the next.
    episode: ClassVar[int] = 1_000_000_000
    # Growth that is allowed however many inputs there were.
    blocks: ClassVar[int] = 3000
    malloced: ClassVar[int] = 1 << 20
    # What may be logged at ERROR because the sender is a part of ours.
    tolerated: ClassVar[frozenset[str]] = frozenset()

    def prepare(self) -> None:  # noqa: B027 - most targets need nothing
        """Once, before the event loop runs."""

    def finish(self) -> None:  # noqa: B027
        """Undo what `prepare` did."""

    async def open(self, rng: Random) -> None:  # noqa: B027
        """Make the state of an episode."""

    async def close(self) -> None:  # noqa: B027
        """End the episode. Raises if what must still work does not."""

    async def settle(self) -> None:
        """Return when what the inputs so far have started is over."""
        await asyncio.sleep(0)

    @abstractmethod
    def make(self, rng: Random) -> bytes:
        """The next input."""

    @abstractmethod
    async def take(self, data: bytes) -> str:
        """Give the input to the code under test; the name of what came of it."""

    def outcomes(self) -> dict[str, int]:
        """Further outcomes of this episode, counted by the code under test itself."""
        return {}


class Found(AssertionError):
    """An input that does harm."""


@dataclass(slots=True)
class Result:
    """What a run has seen; seconds of the processor."""

    target: str
    inputs: int
    seconds: float
    outcomes: Counter[str] = field(default_factory=Counter)
    growth: Held = field(default_factory=lambda: Held(0, 0))
    slowest: tuple[float, int] = (0.0, 0)


class Watch(logging.Handler):
    """Notes what was logged at ERROR, and what failed in the loop or while being collected."""

    def __init__(self, tolerated: frozenset[str]) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []
        self._tolerated = tolerated

    @override
    def emit(self, record: logging.LogRecord) -> None:
        message = record.msg
        event = message.get("event") if isinstance(message, dict) else None
        if event not in self._tolerated:
            self.seen.append(f"logged at {record.levelname}: {message}")

    def loop_failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.seen.append(
            f"failed in the loop: {context.get('message')} {context.get('exception')!r}"
        )

    def unraisable(self, args: Any) -> None:
        self.seen.append(f"could not be raised: {args.exc_value!r} in {args.object!r}")

    def __bool__(self) -> bool:
        return bool(self.seen)


@contextmanager
def watching(tolerated: frozenset[str]) -> Iterator[Watch]:
    """Watch this process until the end of the block."""
    watch, root = Watch(tolerated), logging.getLogger()
    hook, handlers = sys.unraisablehook, root.handlers
    root.handlers = [watch]
    sys.unraisablehook = watch.unraisable
    try:
        yield watch
    finally:
        root.handlers, sys.unraisablehook = handlers, hook


@contextmanager
def _what_was_there_before() -> Iterator[None]:
    """Leave out of every count what stood before: a test process holds a million old objects."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def run(kind: type[Target], *, seed: int, count: int, first: int = 0, save: bool = True) -> Result:
    """Feed inputs `first` to `first + count`; raises `Found`, and saves how to see it again."""
    target = kind()
    target.prepare()
    result = Result(kind.name, count, 0.0)
    with watching(kind.tolerated) as watch, _what_was_there_before():
        began = time.process_time()
        try:
            asyncio.run(_Run(target, seed, first, count, watch, result).go())
        except _Harm as harm:
            raise _report(kind.name, seed, harm, save=save) from harm.__cause__
        finally:
            target.finish()
        result.seconds = time.process_time() - began
    return result


class _Harm(Exception):
    """What happened, at which input of which episode."""

    def __init__(self, what: str, start: int, index: int, data: bytes) -> None:
        super().__init__(what)
        self.what, self.start, self.index, self.data = what, start, index, data


class _Run:
    """One pass over a target."""

    def __init__(
        self, target: Target, seed: int, first: int, count: int, watch: Watch, result: Result
    ) -> None:
        self._target, self._watch, self._result = target, watch, result
        self._base = (crc32(target.name.encode()) << 96) | (seed << 48)
        self._start = first
        self._index = first
        self._end = first + count
        self._data = b""

    async def go(self) -> None:
        asyncio.get_running_loop().set_exception_handler(self._watch.loop_failed)
        try:
            await self._go()
        except _Harm:
            raise
        except Exception as error:
            # What was logged of it tells more than the answer in which it was hidden.
            logged = "".join(f"\n  {each}" for each in self._watch.seen)
            raise self._harm(f"{type(error).__name__}: {error}{logged}") from error

    async def _go(self) -> None:
        target, end = self._target, self._end
        fresh: tuple[Held, Counter[str]] | None = None
        warm_at = min(self._index + WARM, self._index + (end - self._index) // 2)
        while self._index < end:
            self._start = self._index
            stop = min(end, self._index + target.episode)
            await target.open(self._random(self._start, salt=1))
            if fresh is None and self._index >= warm_at:
                fresh = await self._measure()
            middle = max(warm_at, self._index + (stop - self._index) // 3)
            within: tuple[Held, Counter[str]] | None = None
            while self._index < stop:
                if self._index == middle:
                    within = await self._measure()
                await self._one()
                self._index += 1
            await self._compare(within, "while in use")
            for name, number in target.outcomes().items():
                self._result.outcomes[name] += number
            await target.close()
            await self._check()
        if fresh is not None:
            await target.open(self._random(end, salt=1))
            await self._compare(fresh, "after use")
            await target.close()
            await self._check()

    def _random(self, index: int, salt: int = 0) -> Random:
        return Random(self._base | index << 1 | salt)

    async def _one(self) -> None:
        began = time.thread_time()
        self._data = b""
        self._data = self._target.make(self._random(self._index))
        self._result.outcomes[await self._target.take(self._data)] += 1
        took = time.thread_time() - began
        if took > self._result.slowest[0]:
            self._result.slowest = (took, self._index)
        if self._watch:
            raise self._harm(self._watch.seen[0])

    async def _check(self) -> None:
        await asyncio.sleep(0)
        if self._watch:
            raise self._harm(self._watch.seen[0])

    async def _measure(self) -> tuple[Held, Counter[str]]:
        await self._target.settle()
        before = census()
        return held(), before

    async def _compare(self, before: tuple[Held, Counter[str]] | None, when: str) -> None:
        if before is None:
            return
        await self._target.settle()
        growth = held().since(before[0])
        worst = self._result.growth
        self._result.growth = Held(
            max(worst.blocks, growth.blocks), max(worst.malloced, growth.malloced)
        )
        if growth.blocks > self._target.blocks or growth.malloced > self._target.malloced:
            more = census()
            more.subtract(before[1])
            raise self._harm(
                f"memory is kept {when}: {growth.blocks} blocks, {growth.malloced} bytes; "
                f"most of it {more.most_common(5)}"
            )

    def _harm(self, what: str) -> _Harm:
        return _Harm(what, self._start, self._index, self._data)


def _report(name: str, seed: int, harm: _Harm, *, save: bool) -> Found:
    file = FOUND / f"{name}-{seed}-{harm.index}.json"
    if save:
        FOUND.mkdir(parents=True, exist_ok=True)
        file.write_text(
            json.dumps(
                {
                    "target": name,
                    "seed": seed,
                    "first": harm.start,
                    "count": harm.index - harm.start + 1,
                    "what": harm.what,
                    "input": harm.data.hex(),
                }
            )
        )
    return Found(
        f"{name}: {harm.what}\n  input {harm.index} of seed {seed}: {harm.data[:200]!r}\n"
        f"  again: .venv/bin/python -m tests.fuzz --replay {file}"
    )
