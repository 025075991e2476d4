"""What administrators do, over HTTP."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import web

from server.accounts import service as accounts
from server.accounts.domain import (
    LastAdministrator,
    PasswordTooEasy,
    UsernameTaken,
    check_password,
    normalised,
)
from server.admin import service
from server.admin.domain import ClinicNameTaken, NotOffered, OwnCommission, OwnPassword
from server.admin.payloads import (
    ActOut,
    ActsOut,
    ActsQuery,
    AdministratorIn,
    CommissionIn,
    GivenPasswordIn,
    NewClinicIn,
    NewPersonIn,
    PeopleOut,
    PersonOut,
    PlaceOut,
    PlacesOut,
    SearchIn,
    ServiceHoursIn,
    SpecialDayIn,
)
from server.clinics.domain import DayPassed, DayTooFar, Span
from server.kit.edge import client_key
from server.kit.errors import NotFound
from server.kit.http import Context, RouteTable
from server.kit.ids import is_id
from server.kit.permissions import Permission, Scope
from server.login.domain import LoginThrottled

Hash: TypeAlias = Callable[[str, str, str], Awaitable[str]]

# Of a password, in its client's turn, for one request and its repeats (``hash_password``). The
# login's pool is injected: nobody hashes beside it.
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
    errors=(UsernameTaken, PasswordTooEasy, LoginThrottled),
)
async def create(ctx: Context, body: NewPersonIn) -> PersonOut:
    """The password is to be changed at the first login. Without a commission they work nowhere."""
    check_password(body.password, body.username)
    hashed = await _hashed(ctx, body.password)
    return await ctx.command(
        service.create,
        ctx.actor,
        body.username,
        body.name,
        body.title,
        hashed,
        out=PersonOut.of,
        said="\n".join((normalised(body.username), body.name, body.title, hashed)).encode(),
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
    _PERSON + "/password",
    permission=Permission.ADMINISTRATOR,
    summary="Give a password in place of a forgotten one",
    errors=(OwnPassword, PasswordTooEasy, LoginThrottled),
    scope=_ACCOUNT,
)
async def give_password(ctx: Context, account_id: str, body: GivenPasswordIn) -> PersonOut:
    """The account's sessions end, and the person changes the password at the next login."""
    person = await ctx.db.read(accounts.staff_member, account_id)
    check_password(body.password, person.username)
    hashed = await _hashed(ctx, body.password)
    return await ctx.command(
        service.give_password,
        ctx.actor,
        account_id,
        hashed,
        out=PersonOut.of,
        said=hashed.encode(),
    )


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
    """All of them, by name."""
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


@routes.put(
    _BASE + "/clinics/{clinic_id}/days",
    permission=Permission.ADMINISTRATOR,
    summary="Set the hours of a single day",
    errors=(NotOffered, DayPassed, DayTooFar),
    scope=_CLINIC,
)
async def set_special_day(ctx: Context, clinic_id: str, body: SpecialDayIn) -> PlaceOut:
    """Of one service, or of the whole clinic. Who waits stays when it closes."""
    spans = [Span(each.opens, each.closes) for each in body.hours]
    return await ctx.command(
        service.set_special_day,
        ctx.actor,
        clinic_id,
        body.day,
        body.profession,
        None if body.usual else spans,
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


async def _hashed(ctx: Context, password: str) -> str:
    """All that is kept of a password, with the account and with the request's key."""
    client = client_key(ctx.request, ctx.settings)
    return await ctx.app[HASH](password, client, ctx.claim(b"", ctx.actor.account_id).name)
