"""No statement of a use case that is hot looks at every row: the day has a hundred thousand."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from server.accounts import service as accounts
from server.guests import service as guests
from server.kit import idempotency, outbox
from server.kit.actor import Actor, Audience
from server.kit.db import UnitOfWork
from server.kit.ids import new_id
from server.login import service as login
from server.login.domain import Lifetime
from server.messages import service as messages
from server.queueing import service as queueing
from server.queueing.domain import Channel
from server.visits import service as visits
from tests.server.queueing.ground import Sent
from tests.server.queueing.world import DOCTOR, World

# A plan of SQLite looks at all with SCAN; one of PostgreSQL, which is told to avoid that, reads a
# whole index without a condition.
_SCAN = re.compile(r"\bSCAN (?!CONSTANT ROW)\S+|Seq Scan on \S+")
_INDEX = re.compile(r"Index (?:Only )?Scan (?:Backward )?using \S+")
# An index of those alone that are looked for: all of it is what is wanted.
_ALL_OF_IT = re.compile(r"ix_outbox_\w+")
# Indexes that can be left out, for no constraint stands on them.
_OF_SOME = re.compile(r" (ix_\w+|uq_\w+_(open|current))$")
# Not INSERT: its plan on SQLite tells how a reference that was broken before would be looked for.
_LOOKS = ("SELECT", "UPDATE", "DELETE")


def _scans(plan: str) -> Iterator[str]:
    for node in plan.split("->"):
        if _ALL_OF_IT.search(node):
            continue
        whole = _SCAN.search(node)
        if whole is None and "Index Cond" not in node:
            whole = _INDEX.search(node)
        if whole is not None:
            yield whole[0]


def _steps(world: World) -> Iterator[tuple[str, list[Sent]]]:
    """Each hot use case, and what it asked of the database."""

    def asked(name: str, unit: Callable[[UnitOfWork], object]) -> tuple[str, list[Sent]]:
        return name, world.asked(unit)[1]

    for _ in range(3):
        world.wait()
    patient, doctor = world.patient(), world.doctor()
    key, line = new_id(), new_id()
    claim = idempotency.Claim(patient.account_id, key, "POST", "/", "0" * 64)
    yield asked("claim a key", lambda uow: idempotency.claim(uow.conn, claim, uow.now))
    stored = idempotency.Answer(201, b"{}")
    yield asked("keep the answer", lambda uow: idempotency.remember(uow.conn, claim, stored))
    yield asked("answer again", lambda uow: idempotency.claim(uow.conn, claim, uow.now))
    yield asked("find a name", lambda uow: accounts.credential(uow, Audience.PATIENT, "p1"))
    lifetime = Lifetime(timedelta(hours=1), timedelta(hours=12))
    yield asked(
        "open a session",
        lambda uow: login.open_session(
            uow, patient.account_id, "f" * 64, key, lifetime, instead_of=new_id()
        ),
    )
    yield asked("find a session", lambda uow: login.authenticate(uow, "f" * 64, Audience.PATIENT))
    joined, sent = world.asked(
        queueing.join, patient, world.clinic_id, DOCTOR, "Feber", Channel.VIDEO
    )
    ticket_id = joined.ticket.id
    yield "join", sent
    yield asked("look", lambda uow: queueing.ticket_for(uow, patient, ticket_id))
    yield asked("where one was", lambda uow: visits.overview(uow, patient))
    yield asked("versions", lambda uow: queueing.versions(uow, patient, [ticket_id]))
    yield asked("places", lambda uow: queueing.places(uow, world.clinic_id, DOCTOR))
    yield asked("board", lambda uow: queueing.board(uow, doctor))
    yield asked("call the next", lambda uow: visits.call_next(uow, doctor))
    called, sent = world.asked(visits.take, doctor, ticket_id)
    visit_id = called.visit.id
    yield "take", sent
    yield asked("answer the call", lambda uow: visits.join(uow, patient, visit_id))
    yield asked("write", lambda uow: messages.post(uow, patient, visit_id, line, "Hej"))
    yield asked("write again", lambda uow: messages.post(uow, patient, visit_id, line, "Hej"))
    yield asked("read", lambda uow: messages.since(uow, doctor, visit_id))
    yield asked("duty", lambda uow: visits.duty(uow, doctor))
    yield asked("heartbeat", lambda uow: _heartbeat(uow, patient, visit_id))
    yield asked("end", lambda uow: visits.end(uow, doctor, visit_id))
    yield asked("what is overdue", lambda uow: outbox.overdue(uow.conn, uow.now, ()))
    yield asked("tell", lambda uow: outbox.mark_delivered(uow.conn, [1, 2], uow.now))


def _heartbeat(uow: UnitOfWork, actor: Actor, visit_id: str) -> None:
    found = visits.standings(uow, actor, [visit_id])
    ids = [each.visit_id for each in found]
    guests.versions(uow, ids)
    guests.waiting_since(uow, ids, uow.now)


def test_a_plan_that_looks_at_everything_is_seen() -> None:
    assert list(_scans("SCAN queue_tickets")) == ["SCAN queue_tickets"]
    assert list(_scans("SEARCH visits USING INDEX x (id=?) SCAN CONSTANT ROW")) == []
    bad = "Limit -> Index Scan using pk_visits on visits Filter: (reason = 'x')"
    assert list(_scans(bad)) == ["Index Scan using pk_visits"]
    assert list(_scans("Index Scan using pk_visits on visits Index Cond: (id = 'x')")) == []
    assert list(_scans("Seq Scan on sessions")) == ["Seq Scan on sessions"]


def _looked_through(world: World, sent: Sent) -> list[str]:
    """What the statement looks through.

    Of empty tables PostgreSQL finds a whole index of some rows as good as a look into the one that
    was made for the statement. So that is asked for again without the former, until it finds the
    latter, or has nothing left but the whole table.
    """
    without: set[str] = set()
    while True:
        found = list(_scans(world.plan(sent, *sorted(without))))
        dropped = {each.split()[-1] for each in found if _OF_SOME.search(each)} - without
        if not dropped:
            return found
        without |= dropped


def test_no_hot_use_case_looks_at_everything(world: World) -> None:
    looked = 0
    found = []
    for name, sent in _steps(world):
        assert sent, name
        for each in sent:
            if each[0].startswith(_LOOKS):
                looked += 1
                found += [(name, scan, each[0][:300]) for scan in _looked_through(world, each)]
    assert found == []
    assert looked > 100
