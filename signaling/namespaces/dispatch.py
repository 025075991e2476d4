"""The way of a client's event: pace, event, permission, payload, handler, and always an answer."""

import asyncio
import time
from typing import Any

import pydantic

from server.kit.dispatch import invalid
from server.kit.errors import (
    Busy,
    DomainError,
    Invalid,
    Later,
    NotFound,
    Throttled,
    Unauthenticated,
)
from server.kit.log import get_logger
from server.kit.permissions import Scope, require
from signaling import metrics
from signaling.connections import Connection
from signaling.namespaces.context import Context
from signaling.namespaces.table import Answer, Event, EventTable
from signaling.wire.base import Wire
from signaling.wire.requests import Ack, Refusal, WireError

TIME_LIMIT = 10.0
"""Seconds after which a client is told that it will not get an answer."""
LOOK_LIMIT = 1.0
"""Seconds for asking the database whether a session still is what it was."""

log = get_logger(__name__)


class UnknownEvent(NotFound):
    """There is no such event in this namespace."""

    code = "request.unknown_event"
    title = "There is no such event"


class Failed(DomainError):
    """A fault of ours; it says nothing of itself."""

    code = "server.error"
    status = 500
    title = "Something went wrong on our side"


def refusal(error: DomainError) -> Answer:
    """A domain error as an ack: the members of the HTTP problem that mean something here."""
    members = {
        name: value
        for name, value in error.problem().items()
        if name not in {"type", "title", "status"}
    }
    return Refusal(error=WireError.model_validate(members)).model_dump(
        mode="json", exclude_none=True
    )


class Dispatcher:
    """Answers every event of every socket."""

    def __init__(self, table: EventTable, context: Context) -> None:
        table.check_complete()
        self._table = table
        self._context = context

    async def __call__(self, namespace: str, sid: str, name: str, args: tuple[Any, ...]) -> Answer:
        """What the ack carries. Never raises, so that no request stays without an answer."""
        event = self._table.find(namespace, name)
        label = name if event is not None else "unknown"
        began = time.perf_counter()
        try:
            connection = self._context.connections.get(sid)
            if connection is None or connection.closing:
                raise Unauthenticated("The socket has no session any more.")
            if not connection.pace.take():
                raise Throttled("This socket asks too often.")
            if event is None:
                raise UnknownEvent
            ack = await self._handle(event, connection, args)
            answer, kind = ack.model_dump(mode="json"), "ok"
        except DomainError as error:
            answer, kind = refusal(error), error.code
        except TimeoutError:
            answer, kind = refusal(Busy("The answer took too long.")), "timeout"
        except Exception as error:
            log.error("socket.request_failed", event_type=label, error=error)
            answer, kind = refusal(Failed()), "server.error"
        metrics.requests(label, kind).inc()
        metrics.request_seconds(label).observe(time.perf_counter() - began)
        return answer

    async def _handle(self, event: Event, connection: Connection, args: tuple[Any, ...]) -> Ack:
        async with asyncio.timeout(TIME_LIMIT):
            # Who hung has not heard yet what ended, or was taken back, meanwhile.
            if not self._context.database.abreast:
                await self._look_again(event, connection)
            require(event.permission, connection.actor)
            payload = _payload(event, args)
            return await event.handler(self._context, connection, payload)

    async def _look_again(self, event: Event, connection: Connection) -> None:
        try:
            async with asyncio.timeout(LOOK_LIMIT):
                alive = await self._context.keep_alive(connection)
        except (Later, TimeoutError) as error:
            # The database can't be read just now. What needs none, as it is about one's own leg or
            # socket alone, goes on: a call does not end with a database.
            if not event.scope or Scope.OWNER in event.scope.values():
                return
            raise Busy("What you may do can't be looked up just now.") from error
        if not alive:
            raise Unauthenticated("The session has ended.")


def _payload(event: Event, args: tuple[Any, ...]) -> Wire:
    if len(args) > 1:
        raise Invalid("An event carries one object.", field="")
    try:
        return event.payload.model_validate(args[0] if args else {})
    except pydantic.ValidationError as error:
        raise invalid(error) from None
