"""What anybody may ask of the service as a whole."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from server.kit.actor import Profession
from server.kit.fields import AccountAudience
from server.kit.http import Context, Out, RouteTable
from server.kit.permissions import Permission
from server.kit.version import VERSION

EMERGENCY = "112"
ADVICE = "1177"


class DemoLogin(Out):
    """An account of the demo, shown to everybody who opens it."""

    audience: AccountAudience
    username: Annotated[str, Field(examples=["astrid"])]
    password: Annotated[str, Field(examples=["demo"])]
    name: Annotated[str, Field(examples=["Astrid Lind"])]
    birth_year: Annotated[int | None, Field(examples=[1992])] = None
    """Of a patient."""
    profession: Profession | None = None
    """Of clinicians."""
    administrator: bool = False
    """Of one of the staff who administers."""


DEMO_LOGINS: web.AppKey[tuple[DemoLogin, ...]] = web.AppKey("demo_logins")


class MediaOut(Out):
    """What a browser should know before it calls. Servers beside our own are never used."""

    ice_servers: tuple[str, ...] = ()
    """Addresses of STUN and TURN servers; usually none is needed."""


class ConfigOut(Out):
    """The service as the client needs to know it."""

    region_name: Annotated[str, Field(examples=["Region Mälarö"])]
    """Whose service this is."""
    version: Annotated[str, Field(examples=["0.1.0"])]
    """Of the server."""
    demo: bool
    """Whether everybody here is invented."""
    demo_logins: list[DemoLogin]
    """Accounts to try; empty unless it is a demo."""
    emergency_number: Annotated[str, Field(examples=["112"])]
    """What to call when it is urgent."""
    advice_number: Annotated[str, Field(examples=["1177"])]
    """What to call for advice about care."""
    media: MediaOut


routes: RouteTable = RouteTable()


@routes.get("/api/v1/config", permission=Permission.PUBLIC, summary="What a client should know")
async def read_config(ctx: Context) -> ConfigOut:
    """The region's name, the numbers to call, and the logins of a demo."""
    demo = ctx.settings.demo
    logins = ctx.app[DEMO_LOGINS]
    return ConfigOut(
        region_name=ctx.settings.region_name,
        version=VERSION,
        demo=demo,
        demo_logins=list(logins) if demo else [],
        emergency_number=EMERGENCY,
        advice_number=ADVICE,
        media=MediaOut(),
    )
