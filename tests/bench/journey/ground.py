"""Who is there before the first journey, and the product on each of its databases."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from server.accounts import service as accounts
from server.clinics import service as clinics
from server.kit.actor import Audience, Profession
from server.kit.db import Database, UnitOfWork
from server.kit.postgres import PostgresBackend
from server.login.passwords import hash_password
from tests.bench.day.plan import PASSWORD
from tests.bench.day.product import Embedded, Running, family
from tests.bench.process import cpu_seconds, cpu_seconds_of_dead
from tests.databases import create
from tests.postgres import Cluster

#: Queues that the journeys are spread over.
CLINICS = 8


@dataclass(frozen=True)
class Ground:
    """Everybody by number: the patient and the clinician of a journey have the same."""

    clinics: list[str]
    patients: list[str]
    staff: list[str]


def lay(uow: UnitOfWork, pairs: int) -> Ground:
    """So many patients, and as many clinicians; their passwords cost what they do in production."""
    hashed = hash_password(PASSWORD)
    made = [clinics.add_clinic(uow, f"Mottagning {n}", "Mälarö").id for n in range(CLINICS)]
    for clinic in made:
        clinics.set_hours(uow, clinic, Profession.DOCTOR, always=True)
    patients, staff = [], []
    for n in range(pairs):
        patient = accounts.create(
            uow, Audience.PATIENT, f"p{n}", f"Pat {n}", hashed, birth_date=uow.now.date()
        )
        clinician = accounts.create(uow, Audience.STAFF, f"s{n}", f"Dr {n}", hashed, title="Läkare")
        clinics.commission(uow, clinician.id, made[n % CLINICS], Profession.DOCTOR)
        patients.append(patient.id)
        staff.append(clinician.id)
    return Ground(made, patients, staff)


class OnPostgres:
    """`vardrum serve` on a PostgreSQL of its own, durable, whose processes count like its own."""

    name = "PostgreSQL"
    _numbers = itertools.count()

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        """`folder`: for the log."""
        self._url = cluster.url(f"journey{next(self._numbers)}")
        self._cluster = cluster
        self._served = Embedded(folder, {"VARDRUM_DATABASE_URL": self._url.dsn})
        self._made = False

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """It, made when it is asked for first."""
        if not self._made:
            await create(self._cluster.url("postgres"), self._url)
            self._made = True
        database = Database(PostgresBackend(self._url))
        await database.start()
        try:
            yield database
        finally:
            await database.stop()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        """As in production."""
        async with self._served.running() as running:
            yield Running(running.port, running.processes)

    def cpu(self) -> float:
        """Processor time of PostgreSQL so far, in seconds; also of sessions that have ended."""
        server = self._cluster.pid
        return sum(map(cpu_seconds, family(server))) + cpu_seconds_of_dead(server)
