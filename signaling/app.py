"""The real-time side put together: `attach` it to the HTTP application, start, drain, stop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from socketio.exceptions import ConnectionRefusedError as Refused

from server.kit.actor import Actor
from server.kit.bus import Alone, Bus
from server.kit.db import Database
from server.kit.http import AUTHENTICATOR
from server.kit.log import get_logger
from server.kit.tasks import spawn
from server.visits import service as visits
from server.visits.domain import CallQuality
from signaling import metrics
from signaling.auth import actor_of_handshake, refused
from signaling.connections import NAMESPACES, Connection, Connections, account_room
from signaling.hint_relay import HintRelay
from signaling.namespaces import all_events
from signaling.namespaces.context import Context
from signaling.namespaces.dispatch import Dispatcher
from signaling.namespaces.queue import stop_watching
from signaling.outgoing import Outgoing, to_account
from signaling.presence.pairs import Pairs
from signaling.presence.shared import SharedPresence
from signaling.presence.timeouts import OFFLINE_AFTER
from signaling.presence.tracker import PresenceTracker
from signaling.rooms.call_states import GRACE
from signaling.rooms.calls import CallRegistry
from signaling.rooms.echoes import Echoes
from signaling.rooms.media_port import MediaPort
from signaling.rooms.quality import QualityBook, Record
from signaling.rooms.turn import TurnServer
from signaling.transport import HintServer
from signaling.wire.base import CallRole
from signaling.wire.hints import CallHint, SessionEnded

# One person's tabs and devices, and the sockets of theirs that died unnoticed.
MOST_SOCKETS = 32

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """The pauses of the real-time side; tests shorten them."""

    offline_after: timedelta = OFFLINE_AFTER
    call_grace: timedelta = GRACE
    queue_pause: float = 0.15


class Signaling:
    """Hints, chat and call signalling for one HTTP application."""

    def __init__(
        self,
        app: web.Application,
        database: Database,
        media: MediaPort,
        timing: Timing,
        turn: TurnServer | None,
        bus: Bus,
    ) -> None:
        self._app = app
        self._database = database
        self.connections = Connections()
        self._sessions_ended = 0
        self.pairs = Pairs()
        self._sio = HintServer(list(NAMESPACES), self._dispatch)
        self._outgoing = Outgoing(self._sio)
        self.presence = PresenceTracker(self.now, self._presence_changed, timing.offline_after)
        self._shared = SharedPresence(bus, self.presence)
        self.calls = CallRegistry(media, self, timing.call_grace, turn)
        self._quality = QualityBook(media, self.calls.party_of, self.now, self._keep_quality)
        self._echoes = Echoes(media, self, turn)
        self._context = Context(
            sio=self._sio,
            database=database,
            connections=self.connections,
            presence=self.presence,
            pairs=self.pairs,
            calls=self.calls,
            echoes=self._echoes,
            keep_alive=self._keep_alive,
        )
        self._dispatcher = Dispatcher(all_events(), self._context)
        self._hint_relay = HintRelay(
            database,
            self._outgoing,
            self.calls,
            self.pairs,
            self.presence.here,
            self._end_session,
            self._leave_queue,
            self._look_again,
            timing.queue_pause,
        )
        for namespace in NAMESPACES:
            self._listen(namespace)
        self._sio.attach(app)
        metrics.LEGS.set_function(lambda: len(self.calls))
        metrics.ECHOES.set_function(lambda: len(self._echoes))

    async def start(self) -> None:
        """Begin to send hints. The database must be started."""
        self._outgoing.start()
        self._hint_relay.start()
        self._shared.start()
        await self.calls.start()

    async def drain(self) -> None:
        """Send everybody to come back in a moment, then close; under 0.8 s in all."""
        await self._sio.drain()

    async def stop(self) -> None:
        """End what runs. Calls go on where their media outlives this server."""
        self._hint_relay.stop()
        await self._shared.stop()
        self.presence.stop()
        await self._quality.stop()
        await self.calls.stop()
        self._outgoing.stop()
        await self._sio.shutdown()

    def now(self) -> datetime:
        """The current instant."""
        return self._database.clock.now()

    def tell(
        self,
        role: CallRole,
        account_id: str,
        hint: CallHint,
        skip_sid: str | None = None,
    ) -> None:
        """Send a call's hint to every socket of the account that is here, but for one."""
        # Of the calls of a cluster most concern nobody here.
        if self.presence.sockets(account_id):
            self._outgoing.put(to_account(role, account_id, skip_sid), hint)

    async def _keep_quality(self, record: Record) -> None:
        await self._database.write(visits.record_call, CallQuality(**record.fields()))

    def _presence_changed(self, account_id: str, online: bool) -> None:
        for role, peer_id, hint in self.pairs.hints(account_id, online=online):
            self._outgoing.put(to_account(role, peer_id), hint)

    def is_connected(self, sid: str) -> bool:
        """Whether the socket is open."""
        return sid in self.connections

    def has_socket(self, account_id: str) -> bool:
        """Whether the account has any socket."""
        return self.presence.has_socket(account_id)

    async def _dispatch(
        self, namespace: str, sid: str, name: str, args: tuple[Any, ...]
    ) -> dict[str, Any]:
        return await self._dispatcher(namespace, sid, name, args)

    def _listen(self, namespace: str) -> None:
        async def connect(sid: str, environ: dict[str, Any], _auth: object) -> None:
            await self._connected(namespace, sid, environ)

        async def disconnect(sid: str, _reason: str) -> None:
            self._disconnected(namespace, sid)

        self._sio.on("connect", connect, namespace=namespace)
        self._sio.on("disconnect", disconnect, namespace=namespace)

    async def _connected(self, namespace: str, sid: str, environ: dict[str, Any]) -> None:
        try:
            actor, token = await self._actor(namespace, environ)
        except Refused:
            raise
        except Exception as error:
            log.error("socket.handshake_failed", error=error)
            raise refused("server.error", "Something went wrong on our side.") from None
        if not self._sio.has_transport(sid, namespace):
            # Socket.IO tells nobody of the end of what was not let in yet.
            raise refused("server.busy", "The connection ended while it was looked at.")
        if self.presence.sockets(actor.account_id) >= MOST_SOCKETS:
            raise refused("server.busy", "This account has too many connections.")
        self.connections.add(Connection(sid, namespace, actor, token))
        await self._sio.enter_room(sid, account_room(actor.account_id), namespace)
        metrics.CONNECTIONS.labels(namespace).inc()
        self.presence.opened(actor.account_id)

    async def _actor(self, namespace: str, environ: dict[str, Any]) -> tuple[Actor, str]:
        while True:
            ends = self._sessions_ended
            found = await actor_of_handshake(namespace, environ)
            if ends == self._sessions_ended:
                return found
            # Some session ended meanwhile. If it was this one, nobody will tell us again.

    def _disconnected(self, namespace: str, sid: str) -> None:
        connection = self.connections.remove(sid)
        if connection is not None:
            metrics.CONNECTIONS.labels(namespace).dec()
            self.calls.socket_gone(sid)
            self._echoes.socket_gone(sid)
            self.presence.closed(connection.actor.account_id)

    async def _keep_alive(self, connection: Connection) -> bool:
        audience = NAMESPACES[connection.namespace]
        actor = await self._app[AUTHENTICATOR].actor_for(audience, connection.token)
        if actor is None:
            self._end_session(connection.actor.session_id, "expired")
            return False
        connection.actor = actor
        return True

    def _end_session(self, session_id: str, reason: str) -> None:
        self._sessions_ended += 1
        hint = SessionEnded(reason="expired" if reason == "expired" else "revoked")
        for connection in self.connections.of_session(session_id):
            if not connection.closing:
                connection.closing = True
                _ = spawn(self._close(connection, hint), name="session.close")

    async def _close(self, connection: Connection, hint: SessionEnded) -> None:
        sid, namespace = connection.sid, connection.namespace
        await self._sio.emit(hint.type, hint.model_dump(mode="json"), to=sid, namespace=namespace)
        await self._sio.disconnect(sid, namespace=namespace)

    def _leave_queue(self, account_id: str) -> None:
        for connection in self.connections.of_account(account_id):
            _ = spawn(stop_watching(self._context, connection), name="queue.leave")

    def _look_again(self, account_id: str) -> None:
        for connection in self.connections.of_account(account_id):
            _ = spawn(self._allowed_anew(connection), name="session.look_again")

    async def _allowed_anew(self, connection: Connection) -> None:
        """Who may no longer work in a queue hears no more of it."""
        allowed = await self._keep_alive(connection)
        watched = connection.watching
        if allowed and watched is not None and not connection.actor.may_work_at(*watched):
            await stop_watching(self._context, connection)


def attach(
    app: web.Application,
    database: Database,
    media: MediaPort,
    timing: Timing | None = None,
    turn: TurnServer | None = None,
    bus: Bus | None = None,
) -> Signaling:
    """Add the socket to the application. Raises if an event has no handler or no permission.

    ``bus``: to the other servers on the same database, if there are any.
    """
    return Signaling(app, database, media, timing or Timing(), turn, bus or Alone())
