"""What a route demands of its caller. A route that declares nothing does not start."""

from enum import StrEnum

from server.kit.actor import Actor, Audience
from server.kit.errors import Denied, Unauthenticated


class Permission(StrEnum):
    """The kinds of callers."""

    PUBLIC = "public"
    PATIENT = "patient"
    STAFF = "staff"
    CLINICIAN = "clinician"

    @property
    def audience(self) -> Audience | None:
        """Which sessions the permission is about; None for everybody."""
        if self is Permission.PUBLIC:
            return None
        return Audience.PATIENT if self is Permission.PATIENT else Audience.STAFF


def require(permission: Permission, actor: Actor | None) -> None:
    """Pass, or raise ``Unauthenticated`` or ``Denied``."""
    if permission is Permission.PUBLIC:
        return
    if actor is None or actor.audience is not permission.audience:
        raise Unauthenticated("There is no session, or it has ended.")
    if permission is Permission.CLINICIAN and not actor.commissions:
        raise Denied("This takes a commission at a clinic.")
