"""Work that is done after its cause, once over the whole cluster, whoever dies meanwhile.

    @dataclass(frozen=True, slots=True)
    class SendLetter(Job):
        kind: ClassVar[str] = "letters.send"
        letter_id: str

    enqueue(uow, SendLetter(letter_id))           # committed with its cause, or not at all

    runner = Runner(database)
    runner.unit(CloseExpired, close_expired)      # (uow, job): its effect happens exactly once
    runner.task(SendLetter, send)                 # async (job): at least once, so idempotent
    runner.every(3600, Clean())                   # once each hour, by whichever process

What failed too often is a dead letter: see ``letters``, and ADR 25 for all of it.
"""

from server.kit.jobs.job import Hopeless, Job
from server.kit.jobs.letters import DeadLetter
from server.kit.jobs.runner import Outcome, Runner
from server.kit.jobs.store import Numbers, enqueue, forget_orphans, numbers

__all__ = [
    "DeadLetter",
    "Hopeless",
    "Job",
    "Numbers",
    "Outcome",
    "Runner",
    "enqueue",
    "forget_orphans",
    "numbers",
]
