"""What server processes of one cluster call out to each other: small words, perhaps lost.

A word says that something happened, never what a patient wrote or has. Nothing may depend on its
arrival: whoever listens finds out by other means, only later.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from server.kit.ids import new_id
from server.kit.log import get_logger

log = get_logger(__name__)

EVENTS = "events"
"""Somebody committed events: the outbox has something new."""
PRESENCE = "presence"
"""Whose sockets are where (``signaling.presence``)."""
FAILURES = "failures"
"""Somebody gave a wrong password, or the right one (``login.throttle``)."""
GUEST_FAILURES = "guest failures"
"""Somebody tried an invitation that nobody made, or one that somebody did."""

Word: TypeAlias = Any
"""What JSON can hold."""
Heard = Callable[[str, Word], None]
"""The process that said it, and the word."""
Changed = Callable[[bool], None]


class Bus(Protocol):
    """Tells the other processes, and hears them."""

    @property
    def name(self) -> str:
        """What this process is called on the bus: another at each start."""
        ...

    @property
    def up(self) -> bool:
        """Whether words get through, as far as we know."""
        ...

    def publish(self, topic: str, word: Word) -> None:
        """Call it out to the others. Never blocks, never fails, may be lost."""
        ...

    def subscribe(self, topic: str, heard: Heard) -> None:
        """Call ``heard`` on the event loop for each word of another process on the topic."""
        ...

    def on_change(self, changed: Changed) -> None:
        """Call ``changed`` when the bus comes up or goes down."""
        ...


class Listeners:
    """Who listens to what."""

    def __init__(self) -> None:
        self.name = new_id()
        self._heard: defaultdict[str, list[Heard]] = defaultdict(list)
        self._changed: list[Changed] = []

    def subscribe(self, topic: str, heard: Heard) -> None:
        """See ``Bus``."""
        self._heard[topic].append(heard)

    def on_change(self, changed: Changed) -> None:
        """See ``Bus``."""
        self._changed.append(changed)

    def hear(self, topic: str, sender: str, word: Word) -> None:
        """Tell who listens to the topic. A word that one of them can't take harms no other."""
        for heard in self._heard.get(topic, ()):
            try:
                heard(sender, word)
            except Exception as error:
                # Of another release, perhaps.
                log.warning("bus.word_not_taken", topic=topic, error=error)

    def tell_change(self, *, up: bool) -> None:
        """The bus came up or went down."""
        for changed in self._changed:
            changed(up)


class Alone(Listeners):
    """No bus: one process, or several that find everything out by looking."""

    up = False

    def publish(self, topic: str, word: Word) -> None:
        """Nobody hears it."""
