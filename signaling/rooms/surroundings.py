"""What the calls need of the process around them. The socket's side implements it."""

from datetime import datetime
from typing import Protocol

from signaling.wire.base import CallRole
from signaling.wire.hints import CallHint


class Surroundings(Protocol):
    """What the calls need to know and do beyond the media."""

    def now(self) -> datetime:
        """The current instant."""
        ...

    def tell(
        self,
        role: CallRole,
        account_id: str,
        hint: CallHint,
        skip_sid: str | None = None,
    ) -> None:
        """Send a hint to every socket of the account (or the guest), but for one."""
        ...

    def is_connected(self, sid: str) -> bool:
        """Whether the socket is open."""
        ...

    def has_socket(self, account_id: str) -> bool:
        """Whether the account has any socket."""
        ...
