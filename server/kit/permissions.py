"""What a route or an event demands of its caller. What declares nothing does not start."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, get_args

from pydantic import BaseModel

from server.kit.actor import Actor, Audience
from server.kit.errors import Denied, Unauthenticated


class ChangePasswordFirst(Denied):
    """403: the password was given by somebody else, who knows it; first it must be changed."""

    code = "password.change_first"
    title = "Change the password first"


class Permission(StrEnum):
    """The kinds of callers."""

    PUBLIC = "public"
    PATIENT = "patient"
    STAFF = "staff"
    CLINICIAN = "clinician"
    ADMINISTRATOR = "administrator"
    GUEST = "guest"

    @property
    def audience(self) -> Audience | None:
        """Which sessions the permission is about; None for everybody."""
        if self is Permission.PUBLIC:
            return None
        if self in (Permission.CLINICIAN, Permission.ADMINISTRATOR):
            return Audience.STAFF
        return Audience(self.value)


class Scope(StrEnum):
    """Whose the thing must be that a request names by an id. To others it does not exist."""

    OWNER = "owner"
    """The patient's own, or the caller's: a ticket, a leg."""
    PARTY = "party"
    """A visit, or a guest of it: its patient and its clinician; of a visit also its guests."""
    DUTY = "duty"
    """A queue, or a ticket in it: the clinicians on duty there."""
    COMMISSION = "commission"
    """A clinic: who works there in the profession that is named beside it."""
    ADMINISTERED = "administered"
    """An account of the staff's, or a clinic: administrators. A patient's account is none."""
    ANYBODY = "anybody"
    """Nothing of anybody's: open to all, or an id that the caller makes up."""


Scopes = Mapping[str, Scope]


def unscoped(scopes: Scopes, parameters: tuple[str, ...], *models: type[BaseModel] | None) -> str:
    """What is wrong with the declared scopes, empty if nothing is.

    Every parameter of the path and every field that is called an id must have one, also in the
    models inside a model; other fields may (``before``, say). So nobody can add an id and forget to
    say whose it is.
    """
    fields = {name for model in models if model is not None for name in _fields(model)}
    ids = {*parameters, *(name for name in fields if name == "id" or name.endswith("_id"))}
    if missing := ids - scopes.keys():
        return f"says of no scope whose {sorted(missing)} must be"
    if unknown := scopes.keys() - fields - set(parameters):
        return f"has a scope for {sorted(unknown)}, which it does not take"
    return ""


def _fields(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for inner in _models(field.annotation):
            yield from _fields(inner)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def require(permission: Permission, actor: Actor | None, *, password_given: bool = False) -> None:
    """Pass, or raise ``Unauthenticated`` or ``Denied``.

    ``password_given``: also who has not changed yet the password that somebody else gave.
    """
    if permission is Permission.PUBLIC:
        return
    if actor is None or actor.audience is not permission.audience:
        raise Unauthenticated("There is no session, or it has ended.")
    if actor.password_given and not password_given:
        raise ChangePasswordFirst("Somebody else gave this password. Change it first.")
    if permission is Permission.CLINICIAN and not actor.commissions:
        raise Denied("This takes a commission at a clinic.")
    if permission is Permission.ADMINISTRATOR and not actor.administrator:
        raise Denied("This takes an administrator.")
