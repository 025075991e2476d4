"""The list of clinics, open to everybody."""

from collections.abc import Callable

from aiohttp import web

from server.clinics import service
from server.clinics.domain import Load
from server.clinics.payloads import ClinicOut, ClinicsOut, ServiceOut
from server.kit.actor import Profession
from server.kit.db import UnitOfWork
from server.kit.http import Context, RouteTable
from server.kit.permissions import Permission

LoadOf = Callable[[UnitOfWork, str, Profession], Load]

# Queues stand above clinics; the application injects how to ask them.
LOAD: web.AppKey[LoadOf] = web.AppKey("load")

routes: RouteTable = RouteTable()


@routes.get(
    "/api/v1/clinics",
    permission=Permission.PUBLIC,
    summary="Clinics, whether they are open, and the expected wait",
)
async def list_clinics(ctx: Context) -> ClinicsOut:
    """Whom one can meet where, now. The wait is a range, or unknown: never a promise."""
    return await ctx.db.read(_clinics, ctx.app[LOAD])


def _clinics(uow: UnitOfWork, load_of: LoadOf) -> ClinicsOut:
    openings = service.openings(uow)
    return ClinicsOut(
        clinics=[
            ClinicOut.of(
                clinic,
                [
                    ServiceOut.of(
                        profession,
                        openings[clinic.id, profession],
                        load_of(uow, clinic.id, profession),
                    )
                    for profession in clinic.services
                ],
            )
            for clinic in service.list_clinics(uow)
        ]
    )
