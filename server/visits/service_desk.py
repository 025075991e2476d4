"""Where was I? The patient's overview, and the duty of staff with the visits that are open."""

from server.clinics import service as clinics
from server.kit.actor import Actor, Profession
from server.kit.db import UnitOfWork
from server.queueing import service as queueing
from server.queueing.domain import Duty, DutyState, TicketView
from server.visits import store
from server.visits.domain import DutyView, VisitView
from server.visits.service_common import log_list, role_of, views


def open_summaries(uow: UnitOfWork, actor: Actor) -> list[VisitView]:
    """One's own visits that are not over, the newest first."""
    found = store.open_of_party(uow.conn, role_of(actor), actor.account_id)
    log_list(uow, actor, "list", found)
    return views(uow, actor, found)


def overview(uow: UnitOfWork, actor: Actor) -> tuple[list[TicketView], list[VisitView]]:
    """The patient's open tickets and open visits."""
    return queueing.open_tickets(uow, actor), open_summaries(uow, actor)


def duty(uow: UnitOfWork, actor: Actor) -> DutyView:
    """The member of staff's own duty."""
    return _duty_view(uow, actor, queueing.duty_of(uow, actor.account_id))


def set_duty(
    uow: UnitOfWork,
    actor: Actor,
    state: DutyState,
    clinic_id: str | None = None,
    profession: Profession | None = None,
) -> DutyView:
    """Go on duty, pause or go off. Open visits stay open, and are told."""
    return _duty_view(uow, actor, queueing.set_duty(uow, actor, state, clinic_id, profession))


def _duty_view(uow: UnitOfWork, actor: Actor, current: Duty | None) -> DutyView:
    name = clinics.name_of(uow, current.clinic_id) if current else None
    return DutyView(duty=current, clinic_name=name, open_visits=open_summaries(uow, actor))
