"""The one way out: hints leave in the order in which they were given, whoever gave them."""

from dataclasses import dataclass

from server.kit.log import get_logger
from signaling import metrics
from signaling.connections import account_room, namespace_of, queue_room
from signaling.transport import HintServer
from signaling.wire.base import CallRole
from signaling.wire.hints import Hint

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class To:
    """A room of a namespace, perhaps without one of its sockets."""

    namespace: str
    room: str
    skip_sid: str | None = None


def to_account(role: CallRole, account_id: str, skip_sid: str | None = None) -> To:
    """Every socket of an account."""
    return To(namespace_of(role), account_room(account_id), skip_sid)


def to_watchers(clinic_id: str, profession: str) -> To:
    """Every socket that watches a queue."""
    return To("/staff", queue_room(clinic_id, profession))


class Outgoing:
    """Hands hints to the sockets at once; before the start they wait, and after the end they go."""

    def __init__(self, sio: HintServer) -> None:
        self._sio = sio
        self._waiting: list[tuple[To, Hint]] = []
        self._open: bool | None = None

    def put(self, to: To, hint: Hint) -> None:
        """Send the hint. Never blocks, never fails."""
        if self._open:
            self._send(to, hint)
        elif self._open is None:
            self._waiting.append((to, hint))

    def start(self) -> None:
        """Begin to send."""
        self._open = True
        waiting, self._waiting = self._waiting, []
        for to, hint in waiting:
            self._send(to, hint)

    def stop(self) -> None:
        """Send no more. What comes is lost, as any hint may be."""
        self._open = False

    def _send(self, to: To, hint: Hint) -> None:
        try:
            content = hint.model_dump_json().encode()
            self._sio.tell(to.namespace, to.room, hint.type, content, to.skip_sid)
            metrics.hints(hint.type).inc()
        except Exception as error:
            log.error("hint.not_sent", event_type=hint.type, error=error)
