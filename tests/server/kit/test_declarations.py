"""What a route must declare before the server starts, and what the document says of it."""

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.app import create_app
from server.kit import dispatch, openapi
from server.kit.db import Database
from server.kit.http import Context, DeclarationError, RouteTable
from server.kit.permissions import Permission
from server.kit.settings import Settings
from tests.server.kit.notes import routes


def _declare(**options: Any) -> None:
    table: RouteTable = RouteTable()
    path = options.pop("path", "/api/v1/patient/things/{thing_id}")
    handler = options.pop("handler", _fine)
    table.get(path, **options)(handler)


async def _fine(ctx: Context, thing_id: str) -> None: ...


async def _ignores(ctx: Context) -> None: ...


async def _invents(ctx: Context, thing_id: str, other: str) -> None: ...


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "no permission"),
        ({"permission": "patient"}, "no permission"),
        ({"permission": Permission.STAFF}, "another audience"),
        ({"permission": Permission.PATIENT, "handler": _ignores}, "ignores"),
        ({"permission": Permission.PATIENT, "handler": _invents}, "which the path does not have"),
    ],
)
def test_a_wrong_declaration_does_not_start(options: dict[str, Any], why: str) -> None:
    with pytest.raises(DeclarationError, match=why):
        _declare(**options)


async def test_an_undeclared_route_does_not_start(settings: Settings, database: Database) -> None:
    app = create_app(settings, database)

    async def sneaky(_request: web.Request) -> web.Response:
        return web.Response()

    app.router.add_get("/api/v1/sneaky", sneaky)
    server = TestServer(app)
    with pytest.raises(DeclarationError, match="sneaky declares no permission"):
        await server.start_server()
    await server.close()


def test_two_routes_of_one_path_do_not_start() -> None:
    with pytest.raises(DeclarationError, match="twice"):
        dispatch.register(web.Application(), [*routes, routes[0]])


def test_the_document_tells_errors_and_headers() -> None:
    document = openapi.document(routes, "1")
    post = document["paths"]["/api/v1/patient/notes"]["post"]
    assert post["operationId"].startswith("patient_")
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in post["parameters"]
    refused = post["responses"]["409"]["$ref"].rpartition("/")[2]
    assert "test.refused" in document["components"]["responses"][refused]["description"]
    assert post["security"] == [{"patient": []}]
    assert set(post["responses"]) >= {"201", "400", "401", "403", "409", "413", "422", "503"}
