"""What people's browsers got and heard during a walk, written down for the client to live again."""

from dataclasses import dataclass, field, replace

from tests.signaling.snapshots.cast import Cast, Json, LeapingClock, Player, gather
from tests.signaling.snapshots.walk import LOOK, Move, Walk
from tests.signaling.stage import Stage, eventually

_COMES_AND_GOES = (2, 4)
"""Of everybody, a patient and a clinician: the others see them come and go, and are recorded."""


@dataclass
class Trace:
    """One person's: each moment's answers, and the hints with how many moments there were."""

    player: Player
    moments: list[Json] = field(default_factory=list)
    hints: list[Json] = field(default_factory=list)
    _heard: int = 0

    def listen(self) -> None:
        """Write down what was heard since, as from before the next moment."""
        assert self.player.tab is not None
        heard = self.player.tab.heard
        for event, payload in heard[self._heard :]:
            self.hints.append({"at": len(self.moments), "event": event, "payload": payload})
        self._heard = len(heard)

    async def look(self, cast: Cast) -> None:
        """A moment: everything fetched, and the heartbeat's answer."""
        self.listen()
        answers, sync = await cast.fetch(self.player), await cast.sync(self.player)
        self.moments.append({"answers": answers, "sync": sync})

    def written(self, name: str) -> Json:
        """For the client."""
        # What came after the last moment was taken is told of what that moment holds already.
        last = len(self.moments) - 1
        hints = [hint | {"at": min(hint["at"], last)} for hint in self.hints]
        audience = self.player.person.actor.audience.value
        return {"name": name, "audience": audience, "moments": self.moments, "hints": hints}


async def record(stage: Stage, clock: LeapingClock, moves: list[Move], name: str) -> list[Json]:
    """Walk, with a moment after every move that was granted."""
    cast = await gather(stage)
    walk = Walk(cast, clock)
    away = {id(cast.everybody[number]) for number in _COMES_AND_GOES}
    traces = [Trace(player) for player in cast.everybody if id(player) not in away]
    for trace in traces:
        await trace.look(cast)
    for each in moves:
        move = each
        if move.kind == "come_or_go":
            move = replace(move, who=_COMES_AND_GOES[move.who % 2])
        if move.kind != LOOK and await walk.make(move):
            for trace in traces:
                await trace.look(cast)
    gone = [each.person.actor.account_id for each in cast.everybody if each.tab is None]
    await eventually(lambda: not any(map(stage.signaling.presence.is_online, gone)))
    await stage.settle()
    for trace in traces:
        await trace.look(cast)
        trace.listen()
    await cast.go()
    return [trace.written(f"{name}, {trace.player.person.actor.name}") for trace in traces]
