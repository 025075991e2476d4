"""What administrators do, over HTTP."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import web

from server.accounts.domain import LastAdministrator, UsernameTaken, normalised
from server.admin import service
from server.admin.domain import ClinicNameTaken, NotOffered, OwnCommission
from server.admin.payloads import (
    ActOut,
    ActsOut,
    ActsQuery,
    AdministratorIn,
    CommissionIn,
    NewClinicIn,
    NewPersonIn,
    PeopleOut,
    PersonOut,
    PlaceOut,
    PlacesOut,
    SearchIn,
    ServiceHoursIn,
)
from server.clinics.domain import Span
from server.kit.edge import client_key
from server.kit.errors import NotFound
from server.kit.http import Context, RouteTable
from server.kit.ids import is_id
from server.kit.permissions import Permission, Scope
from server.login.domain import LoginThrottled

Hash: TypeAlias = Callable[[str, str], Awaitable[str]]

# Of a password, in its client's turn. The login's pool is injected: nobody hashes beside it.
HASH: web.AppKey[Hash] = web.AppKey("hash")

routes: RouteTable = RouteTable()

_BASE = "/api/v1/staff/admin"
_PERSON = _BASE + "/people/{account_id}"
_ACCOUNT = {"account_id": Scope.ADMINISTERED}
_CLINIC = {"clinic_id": Scope.ADMINISTERED}


@routes.post(
    _BASE + "/people/search",
    permission=Permission.ADMINISTRATOR,
    summary="The staff by name",
    errors=(NotFound,),
    scope={"after": Scope.ADMINISTERED},
)
async def search(ctx: Context, body: SearchIn) -> PeopleOut:
    """A page of fifty; ``after`` is the last person of the page before. Changes nothing."""
    if body.after is not None and not is_id(body.after):
        raise NotFound("There is no such account.")
    found, more = await ctx.db.read(service.people, body.text, body.after)
    return PeopleOut(people=[PersonOut.of(each) for each in found], more=more)


@routes.post(
    _BASE + "/people",
    permission=Permission.ADMINISTRATOR,
    status=201,
    summary="Add a member of the staff",
    errors=(UsernameTaken, LoginThrottled),
)
async def create(ctx: Context, body: NewPersonIn) -> PersonOut:
    """The password is the person's first; they work nowhere before they are given a commission."""
    hashed = await ctx.app[HASH](body.password, client_key(ctx.request, ctx.settings))
    return await ctx.command(
        service.create,
        ctx.actor,
        body.username,
        body.name,
        body.title,
        hashed,
        out=PersonOut.of,
        # Not the password: what is stored of it is a slow hash alone.
        said="\n".join((normalised(body.username), body.name, body.title)).encode(),
    )


@routes.post(
    _PERSON + "/lock",
    permission=Permission.ADMINISTRATOR,
    summary="Lock an account",
    errors=(LastAdministrator,),
    scope=_ACCOUNT,
)
async def lock(ctx: Context, account_id: str) -> PersonOut:
    """Its sessions and its shift end at once."""
    return await ctx.command(service.set_locked, ctx.actor, account_id, True, out=PersonOut.of)


@routes.post(
    _PERSON + "/unlock",
    permission=Permission.ADMINISTRATOR,
    summary="Let a locked account log in again",
    scope=_ACCOUNT,
)
async def unlock(ctx: Context, account_id: str) -> PersonOut:
    """With the password that it had."""
    return await ctx.command(service.set_locked, ctx.actor, account_id, False, out=PersonOut.of)


@routes.put(
    _PERSON + "/administrator",
    permission=Permission.ADMINISTRATOR,
    summary="Make an administrator, or no longer",
    errors=(LastAdministrator,),
    scope=_ACCOUNT,
)
async def set_administrator(ctx: Context, account_id: str, body: AdministratorIn) -> PersonOut:
    """It holds from the next request on. The last one stays."""
    return await ctx.command(
        service.set_administrator,
        ctx.actor.account_id,
        account_id,
        body.administrator,
        out=PersonOut.of,
    )


@routes.put(
    _PERSON + "/commissions",
    permission=Permission.ADMINISTRATOR,
    summary="Give a commission, or take it back",
    errors=(OwnCommission, NotOffered),
    scope=_ACCOUNT | _CLINIC,
)
async def set_commission(ctx: Context, account_id: str, body: CommissionIn) -> PersonOut:
    """To somebody else. Who is on duty on a commission that is taken back goes off duty."""
    return await ctx.command(
        service.set_commission,
        ctx.actor,
        account_id,
        body.clinic_id,
        body.profession,
        body.held,
        out=PersonOut.of,
    )


@routes.get(
    _BASE + "/clinics",
    permission=Permission.ADMINISTRATOR,
    summary="Clinics and their weekly hours",
)
async def clinics(ctx: Context) -> PlacesOut:
    """All of them, by name. What holds on single days (exceptions) is not shown."""
    found = await ctx.db.read(service.places)
    return PlacesOut(clinics=[PlaceOut.of(each) for each in found])


@routes.post(
    _BASE + "/clinics",
    permission=Permission.ADMINISTRATOR,
    status=201,
    summary="Add a clinic",
    errors=(ClinicNameTaken,),
)
async def create_clinic(ctx: Context, body: NewClinicIn) -> PlaceOut:
    """It offers nothing before hours are given."""
    return await ctx.command(
        service.create_clinic, ctx.actor, body.name, body.area, out=PlaceOut.of
    )


@routes.put(
    _BASE + "/clinics/{clinic_id}/hours",
    permission=Permission.ADMINISTRATOR,
    summary="Set the weekly hours of a service",
    scope=_CLINIC,
)
async def set_hours(ctx: Context, clinic_id: str, body: ServiceHoursIn) -> PlaceOut:
    """Instead of those it had; a service that is not offered yet is offered from then on."""
    return await ctx.command(
        service.set_hours,
        ctx.actor,
        clinic_id,
        body.profession,
        [(each.weekday, Span(each.opens, each.closes)) for each in body.hours],
        body.always,
        out=PlaceOut.of,
    )


@routes.get(
    _BASE + "/log",
    permission=Permission.ADMINISTRATOR,
    summary="What administrators did, the newest first",
)
async def log(ctx: Context, query: ActsQuery) -> ActsOut:
    """A page of fifty; ``older_than`` is the last line of the page before. Nobody can change it."""
    found, more = await ctx.db.read(service.acts, query.older_than)
    return ActsOut(acts=[ActOut.of(each) for each in found], more=more)
