"""``/health/live`` and ``/health/ready``, for load balancers. They tell no secret."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from aiohttp import web

from server import migrations
from server.kit import tasks
from server.kit.db import Database, UnitOfWork
from server.kit.dispatch import public
from server.kit.http import DATABASE
from server.kit.schema import outbox

PATIENCE = 1.0
# Anybody may ask, and each look costs the writer milliseconds: it is taken once in so many seconds.
FRESH = 0.5


@dataclass(slots=True)
class Readiness:
    """Whether new work should come here. Media is told, not demanded: chat works without."""

    draining: bool = False
    media: Callable[[], bool] | None = None
    looked_at: float = 0.0
    looking: asyncio.Task[dict[str, str]] | None = None

    async def database(self, database: Database) -> dict[str, str]:
        """How the database is, as of a moment ago. Whoever asks meanwhile waits for one look."""
        now = asyncio.get_running_loop().time()
        if self.looking is None or (self.looking.done() and now - self.looked_at >= FRESH):
            self.looked_at = now
            self.looking = tasks.spawn(_database(database), "health.database")
        # One who asks and goes away must not take the answer from the others.
        return dict(await asyncio.shield(self.looking))


def _path(operation_id: str, summary: str, about: str, answers: dict[int, Any]) -> dict[str, Any]:
    return {
        "get": {
            "operationId": operation_id,
            "summary": summary,
            "description": about,
            "tags": ["health"],
            "security": [],
            "parameters": [],
            "responses": {
                str(status): {
                    "description": "Yes" if status == 200 else "Not now",
                    "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
                    "content": {"application/json": {"schema": _SCHEMA, "example": example}},
                }
                for status, example in answers.items()
            },
        }
    }


_CHECKS = {"database": "ok", "migrations": "ok", "accepting": "ok"}
_SCHEMA = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": {"enum": ["ok", "unavailable"]},
        "checks": {
            "type": "object",
            "properties": {
                "database": {"enum": ["ok", "down"]},
                "migrations": {"enum": ["ok", "behind", "unknown"]},
                "media": {"enum": ["ok", "down"]},
                "accepting": {"enum": ["ok", "draining"]},
            },
        },
    },
}
# As the OpenAPI document tells them.
PATHS: dict[str, Any] = {
    "/health/live": _path(
        "health_live",
        "Does the process answer?",
        "For whoever restarts it.",
        {200: {"status": "ok"}},
    ),
    "/health/ready": _path(
        "health_ready",
        "Should new work come here?",
        "For load balancers. Media is told, not demanded: chat works without.",
        {
            200: {"status": "ok", "checks": {**_CHECKS, "media": "ok"}},
            503: {"status": "unavailable", "checks": {**_CHECKS, "accepting": "draining"}},
        },
    ),
}

READINESS = web.AppKey("readiness", Readiness)


def register(app: web.Application) -> None:
    """Add the two routes."""
    app[READINESS] = Readiness()
    app.router.add_get("/health/live", live)
    app.router.add_get("/health/ready", ready)


@public
async def live(_request: web.Request) -> web.StreamResponse:
    """The process answers."""
    return _answer(200, {"status": "ok"})


@public
async def ready(request: web.Request) -> web.StreamResponse:
    """The process can do its work."""
    readiness = request.app[READINESS]
    checks = await readiness.database(request.app[DATABASE])
    if readiness.media is not None:
        checks["media"] = "ok" if readiness.media() else "down"
    checks["accepting"] = "draining" if readiness.draining else "ok"
    needed = (checks["database"], checks["migrations"], checks["accepting"])
    fine = all(each == "ok" for each in needed)
    status = "ok" if fine else "unavailable"
    return _answer(200 if fine else 503, {"status": status, "checks": checks})


async def _database(database: Database) -> dict[str, str]:
    try:
        async with asyncio.timeout(PATIENCE):
            revision = await database.write(_try_to_write)
            wanted = await asyncio.to_thread(migrations.head)
    except Exception:
        return {"database": "down", "migrations": "unknown"}
    return {"database": "ok", "migrations": "ok" if revision == wanted else "behind"}


def _try_to_write(uow: UnitOfWork) -> str | None:
    # Takes the way of every write without changing a row.
    nothing = sa.update(outbox).where(outbox.c.id == 0).values(delivered_at=uow.now)
    uow.conn.execute(nothing)
    return migrations.current(uow.conn)


def _answer(status: int, body: dict[str, object]) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")
