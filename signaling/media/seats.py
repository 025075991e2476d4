"""Who sits in which of a receiver's slots. Pure.

A participant who comes back finds the slot kept, so that the picture stays where it was on the
screen; a slot goes to somebody else only when no other was never used.
"""

from signaling.media.slots import PEERS


class Seats:
    """The slots of one receiver."""

    __slots__ = ("_here", "_left", "_turn", "_who")

    def __init__(self) -> None:
        self._who: list[str | None] = [None] * PEERS
        self._here = [False] * PEERS
        self._left = [0] * PEERS
        self._turn = 0

    def take(self, participant: str) -> int:
        """Seat somebody; the slot. Raises `LookupError` when all are taken."""
        if participant in self._who:
            slot = self._who.index(participant)
        else:
            slot = min(
                (n for n in range(PEERS) if not self._here[n]),
                key=lambda n: (self._who[n] is not None, self._left[n], n),
                default=-1,
            )
            if slot < 0:
                raise LookupError("every slot is taken")
            self._who[slot] = participant
        self._here[slot] = True
        return slot

    def leave(self, participant: str) -> None:
        """The participant is gone, and will find the slot kept for a while."""
        if participant in self._who:
            slot = self._who.index(participant)
            self._turn += 1
            self._here[slot], self._left[slot] = False, self._turn

    def of(self, participant: str) -> int | None:
        """The slot of somebody who is here."""
        if participant not in self._who:
            return None
        slot = self._who.index(participant)
        return slot if self._here[slot] else None

    def count(self) -> int:
        """How many are here."""
        return sum(self._here)

    def shown(self) -> tuple[str | None, ...]:
        """Who is in each slot now."""
        return tuple(who if here else None for who, here in zip(self._who, self._here, strict=True))
