"""What anybody may ask of the service as a whole: its configuration and its own description."""

from collections.abc import Callable

import orjson
from aiohttp import web

from server.kit.actor import Audience, Profession
from server.kit.dispatch import public
from server.kit.http import Context, Out, RouteTable
from server.kit.permissions import Permission
from server.kit.version import VERSION

EMERGENCY = "112"
ADVICE = "1177"


class DemoLogin(Out):
    """An account of the demo, shown to everybody who opens it."""

    audience: Audience
    username: str
    password: str
    name: str
    birth_year: int | None = None
    profession: Profession | None = None


DEMO_LOGINS: web.AppKey[tuple[DemoLogin, ...]] = web.AppKey("demo_logins")


class MediaOut(Out):
    """What a browser should know before it calls. Servers beside our own are never used."""

    ice_servers: tuple[str, ...] = ()


class ConfigOut(Out):
    """The service as the client needs to know it."""

    region_name: str
    version: str
    demo: bool
    demo_logins: list[DemoLogin]
    emergency_number: str
    advice_number: str
    media: MediaOut


routes: RouteTable = RouteTable()


@routes.get("/api/v1/config", permission=Permission.PUBLIC)
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


def register_openapi(app: web.Application, document: Callable[[], dict[str, object]]) -> None:
    """Serve the OpenAPI document, made when first asked for."""
    made: list[bytes] = []

    @public
    async def openapi(_request: web.Request) -> web.StreamResponse:
        if not made:
            made.append(orjson.dumps(document()))
        return web.Response(body=made[0], content_type="application/json")

    app.router.add_get("/api/v1/openapi.json", openapi)
