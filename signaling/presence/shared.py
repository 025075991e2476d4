"""Says over the bus whose sockets are here, and tells the tracker whose are elsewhere."""

import asyncio

from pydantic import ValidationError

from server.kit import tasks
from server.kit.bus import PRESENCE, Bus
from server.kit.log import get_logger
from signaling.presence.elsewhere import (
    Ask,
    Beat,
    Bye,
    Change,
    Elsewhere,
    Everybody,
    Hello,
    Moved,
    Word,
    words,
)
from signaling.presence.tracker import PresenceTracker

log = get_logger(__name__)

BEAT_SECONDS = 1.0
# Several who ask at once are answered once.
ANSWER_SECONDS = 0.05


class SharedPresence:
    """The presence of one process, joined with that of the others."""

    def __init__(self, bus: Bus, tracker: PresenceTracker) -> None:
        self._bus = bus
        self._tracker = tracker
        self._elsewhere = Elsewhere()
        self._number = 0
        self._answer: asyncio.TimerHandle | None = None
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen and to tell."""
        self._tracker.announce = self._moved
        self._bus.subscribe(PRESENCE, self._heard)
        self._bus.on_change(self._changed)
        self._beating = tasks.every(BEAT_SECONDS, self._beat, "presence.beat")
        if self._bus.up:
            self._changed(up=True)

    async def stop(self) -> None:
        """Say goodbye: the others need not wait for our silence."""
        self._say(Bye())
        if self._answer is not None:
            self._answer.cancel()
        if self._beating is not None:
            await tasks.cancel(self._beating)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _say(self, word: Word) -> None:
        self._bus.publish(PRESENCE, word.model_dump())

    def _moved(self, account_id: str, *, here: bool) -> None:
        self._number += 1
        self._say(Moved(number=self._number, account=account_id, here=here))

    def _changed(self, up: bool) -> None:
        if up:
            self._elsewhere.heard_again(self._now())
            self._say(Hello())
            self._tell_all()

    async def _beat(self) -> None:
        self._say(Beat(number=self._number))
        # While nobody can be heard, silence says nothing.
        if self._bus.up:
            self._apply(self._elsewhere.bury(self._now()))

    def _heard(self, sender: str, given: object) -> None:
        try:
            word = words.validate_python(given)
        except ValidationError:
            log.warning("presence.word_not_known")  # of another release
            return
        if isinstance(word, Hello) or (isinstance(word, Ask) and word.of == self._bus.name):
            if self._answer is None:
                loop = asyncio.get_running_loop()
                self._answer = loop.call_later(ANSWER_SECONDS, self._tell_all)
            return
        changes, must_ask = self._elsewhere.hear(sender, word, self._now())
        self._apply(changes)
        if must_ask:
            self._say(Ask(of=sender))

    def _tell_all(self) -> None:
        if self._answer is not None:
            self._answer.cancel()
            self._answer = None
        self._say(Everybody(number=self._number, accounts=self._tracker.here()))

    def _apply(self, changes: list[Change]) -> None:
        for account_id, here in changes:
            if here:
                self._tracker.opened_elsewhere(account_id)
            else:
                self._tracker.closed_elsewhere(account_id)
