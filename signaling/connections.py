"""The open sockets of this process and who is behind each."""

from collections import defaultdict
from dataclasses import dataclass, field

from server.kit.actor import Actor, Audience
from signaling.pace import TokenBucket
from signaling.wire.base import CallRole

NAMESPACES: dict[str, Audience] = {f"/{audience}": audience for audience in Audience}
_OF_ROLE: dict[CallRole, Audience] = {"patient": Audience.PATIENT, "clinician": Audience.STAFF}


def namespace_of(role: CallRole) -> str:
    """Where the sockets of this role live."""
    return f"/{_OF_ROLE.get(role, Audience.GUEST)}"


def account_room(account_id: str) -> str:
    """Every socket of the account, or of the guest."""
    return f"account:{account_id}"


def queue_room(clinic_id: str, profession: str) -> str:
    """Every socket that watches the queue."""
    return f"queue:{clinic_id}:{profession}"


@dataclass(slots=True)
class Connection:
    """One socket in one namespace."""

    sid: str
    namespace: str
    actor: Actor
    token: str
    watching: tuple[str, str] | None = None
    closing: bool = False
    # A person and a call together ask a few times a second; a burst follows a reconnect.
    pace: TokenBucket = field(default_factory=lambda: TokenBucket(rate=10, burst=40))


class Connections:
    """Found by socket, by session or by account."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Connection] = {}
        self._of: defaultdict[str, dict[str, Connection]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._by_sid)

    def __contains__(self, sid: object) -> bool:
        return sid in self._by_sid

    def add(self, connection: Connection) -> None:
        """Enter a socket that was let in."""
        self._by_sid[connection.sid] = connection
        for each in _whose(connection):
            self._of[each][connection.sid] = connection

    def remove(self, sid: str) -> Connection | None:
        """Strike a socket out and return what it was."""
        connection = self._by_sid.pop(sid, None)
        for each in _whose(connection) if connection is not None else ():
            del self._of[each][sid]
            if not self._of[each]:
                del self._of[each]
        return connection

    def get(self, sid: str) -> Connection | None:
        """The connection of a socket."""
        return self._by_sid.get(sid)

    def of_session(self, session_id: str) -> list[Connection]:
        """The sockets that stand on this login."""
        return list(self._of.get(session_id, {}).values())

    def of_account(self, account_id: str) -> list[Connection]:
        """The account's sockets."""
        return list(self._of.get(account_id, {}).values())


def _whose(connection: Connection) -> set[str]:
    """Ids by which it is found, which stay the same however its actor changes."""
    return {connection.actor.session_id, connection.actor.account_id}
