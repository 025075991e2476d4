"""Who calls, and what the declarations say that they get. Knows no route and no event."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from server.accounts.domain import Account
from server.kit.actor import Audience
from server.kit.permissions import Permission, Scope

PATIENT, STAFF, GUEST = Audience.PATIENT, Audience.STAFF, Audience.GUEST


class Verdict(Enum):
    """How a call ends, as far as permissions go."""

    PASSED = "passed"
    """Let in: granted, or refused for the state of the thing."""
    NO_SESSION = "session.required"
    DENIED = "permission.denied"
    NOT_FOUND = "not_found"
    NO_COMMISSION = "duty.no_commission"
    OFF_DUTY = "duty.off"
    NOT_ADMITTED = "guest.not_admitted"


@dataclass(frozen=True)
class Caller:
    """One kind of caller: with which session, whose things are theirs."""

    name: str
    audience: Audience | None = None
    ended: bool = False
    commissioned: bool = True
    administrator: bool = False
    on_duty: bool = True
    admitted: bool = True
    may: Collection[Scope] = ()

    def is_foreign(self, scope: Scope) -> bool:
        """Whether things of this scope are none of the caller's."""
        return scope is not Scope.ANYBODY and scope not in self.may

    def verdict(self, permission: Permission, scopes: Mapping[str, Scope]) -> Verdict:
        """What the declarations promise this caller."""
        if permission is Permission.PUBLIC:
            return Verdict.PASSED
        if self.audience is not permission.audience or self.ended:
            return Verdict.NO_SESSION
        if permission is Permission.CLINICIAN and not self.commissioned:
            return Verdict.DENIED
        if permission is Permission.ADMINISTRATOR and not self.administrator:
            return Verdict.DENIED
        foreign = {scope for scope in scopes.values() if self.is_foreign(scope)}
        if not foreign:
            # In the lobby there is nothing to lay hands on, not even of one's own visit.
            return Verdict.PASSED if self.admitted or not scopes else Verdict.NOT_ADMITTED
        if Scope.DUTY in foreign and not self.on_duty:
            return Verdict.OFF_DUTY
        # Which clinics there are is no secret, so who does not work there is told so.
        return Verdict.NO_COMMISSION if foreign == {Scope.COMMISSION} else Verdict.NOT_FOUND


_OF_THE_VISIT = {Scope.OWNER, Scope.PARTY}
_OF_THE_QUEUE = {Scope.DUTY, Scope.COMMISSION}

CALLERS = (
    Caller("nobody"),
    Caller("the patient", PATIENT, may=_OF_THE_VISIT),
    Caller("another patient", PATIENT),
    Caller("the patient, logged out", PATIENT, ended=True, may=_OF_THE_VISIT),
    Caller("the clinician", STAFF, may=_OF_THE_VISIT | _OF_THE_QUEUE),
    Caller("a colleague on duty", STAFF, may=_OF_THE_QUEUE),
    Caller("another profession", STAFF),
    Caller("another clinic", STAFF),
    Caller("off duty", STAFF, on_duty=False, may={Scope.COMMISSION}),
    Caller("no commission", STAFF, commissioned=False),
    Caller(
        "an administrator",
        STAFF,
        commissioned=False,
        administrator=True,
        on_duty=False,
        may={Scope.ADMINISTERED},
    ),
    Caller("the clinician, logged out", STAFF, ended=True, may=_OF_THE_VISIT | _OF_THE_QUEUE),
    Caller("a guest", GUEST, may=_OF_THE_VISIT),
    Caller("a guest who waits", GUEST, admitted=False, may={Scope.PARTY}),
    Caller("a guest of another visit", GUEST),
    Caller("a guest, shown out", GUEST, ended=True, may=_OF_THE_VISIT),
)
INSIDE = {PATIENT: "the patient", STAFF: "the clinician", GUEST: "a guest"}
"""Who is in the visit, by audience."""


@dataclass(frozen=True)
class Session:
    """A caller's login: the account (guests have none), and the token of the session."""

    caller: Caller
    account: Account | None
    token: str

    def cookies(self) -> str:
        """One's own cookie, and the same token under the other audiences' names too."""
        if not self.token:
            return ""
        return "; ".join(f"vardrum-{audience}={self.token}" for audience in Audience)
