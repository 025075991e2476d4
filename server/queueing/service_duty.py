"""Being on duty: shifts at a queue."""

from dataclasses import replace

from server.accounts import service as accounts
from server.accounts.domain import AccountChanged, AccountClosed
from server.clinics import service as clinics
from server.kit import events
from server.kit.actor import Actor, Profession
from server.kit.db import UnitOfWork
from server.kit.errors import Invalid
from server.kit.ids import new_id
from server.queueing import domain, store, store_duty
from server.queueing.domain import (
    Duty,
    DutyChanged,
    DutyOff,
    DutyPaused,
    DutyState,
    NoCommission,
)


def duty_of(uow: UnitOfWork, account_id: str) -> Duty | None:
    """The current shift; None when off duty."""
    return store_duty.duty_of(uow.conn, account_id)


def require_duty(uow: UnitOfWork, account_id: str) -> Duty:
    """The current shift, also when paused; ``DutyOff`` without one."""
    duty = store_duty.duty_of(uow.conn, account_id)
    if duty is None:
        raise DutyOff("You are not on duty.")
    return duty


def require_active(uow: UnitOfWork, account_id: str) -> Duty:
    """The current shift if it may take patients; else ``DutyOff`` or ``DutyPaused``.

    It is held, so that nobody is called by a clinician who has just gone off duty.
    """
    duty = store_duty.duty_of(uow.conn, account_id, lock=True)
    if duty is None:
        raise DutyOff("You are not on duty.")
    if duty.state is DutyState.PAUSED:
        raise DutyPaused("You are on pause.")
    return duty


def set_duty(
    uow: UnitOfWork,
    actor: Actor,
    state: DutyState,
    clinic_id: str | None = None,
    profession: Profession | None = None,
) -> Duty | None:
    """Go on duty at a queue, pause, or go off; None when off.

    Open visits stay with the clinician in every case. Going on at another queue ends the shift at
    the first. Asking for what already is changes nothing.
    """
    # Two who go on duty at once under one account: the second finds the shift of the first.
    accounts.hold(uow, actor.account_id)
    current = store_duty.duty_of(uow.conn, actor.account_id, lock=True)
    if state is DutyState.ON:
        return _go_on(uow, actor, current, clinic_id, profession)
    if current is None:
        if state is DutyState.PAUSED:
            domain.duty_to(DutyState.OFF, state)
        return None
    changed = _move(uow, current, state)
    return None if state is DutyState.OFF else changed


def _go_on(
    uow: UnitOfWork,
    actor: Actor,
    current: Duty | None,
    clinic_id: str | None,
    profession: Profession | None,
) -> Duty:
    if clinic_id is None or profession is None:
        missing = "clinic_id" if clinic_id is None else "profession"
        raise Invalid("Going on duty takes a clinic and a profession.", field=missing)
    if not actor.may_work_at(clinic_id, profession.value):
        raise NoCommission("You have no such commission.", field="clinic_id")
    if current is not None:
        if (current.clinic_id, current.profession) == (clinic_id, profession):
            return _move(uow, current, DutyState.ON)
        # Both queues change. Locked in one order, whichever way somebody else moves.
        for queue in sorted([(current.clinic_id, current.profession), (clinic_id, profession)]):
            store.hold_head(uow.conn, *queue)
        _move(uow, current, DutyState.OFF)
    duty = Duty(
        id=new_id(),
        account_id=actor.account_id,
        clinic_id=clinic_id,
        profession=profession,
        state=domain.duty_to(DutyState.OFF, DutyState.ON),
        since=uow.now,
    )
    store_duty.start_duty(uow.conn, duty)
    _tell(uow, duty)
    return duty


def _move(uow: UnitOfWork, duty: Duty, state: DutyState) -> Duty:
    if duty.state is state:
        return duty
    duty = replace(duty, state=domain.duty_to(duty.state, state), since=uow.now)
    store_duty.update_duty(uow.conn, duty)
    _tell(uow, duty)
    return duty


def _tell(uow: UnitOfWork, duty: Duty) -> None:
    # Who is on duty is part of the board and of every wait, so it is a change of the queue.
    version = store.bump_head(uow.conn, duty.clinic_id, duty.profession)
    uow.emit(
        DutyChanged(
            account_id=duty.account_id,
            clinic_id=duty.clinic_id,
            profession=duty.profession.value,
            state=duty.state.value,
            version=version,
        )
    )


def _on_account_closed(uow: UnitOfWork, event: AccountClosed) -> None:
    duty = store_duty.duty_of(uow.conn, event.account_id, lock=True)
    if duty is not None:
        _move(uow, duty, DutyState.OFF)


def _on_account_changed(uow: UnitOfWork, event: AccountChanged) -> None:
    """A shift lasts no longer than the commission that it is on."""
    duty = store_duty.duty_of(uow.conn, event.account_id, lock=True)
    if duty is None:
        return
    held = clinics.commissions_of(uow, event.account_id)
    if not any((c.clinic_id, c.profession) == (duty.clinic_id, duty.profession) for c in held):
        _move(uow, duty, DutyState.OFF)


events.on(AccountClosed, _on_account_closed)
events.on(AccountChanged, _on_account_changed)
