"""What most journeys begin with: two people on their way to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .people import Clinician, Patient

CLINIC = "Storgatans vårdcentral"
REASON = "Feber sedan i går kväll, och ont i örat."

Enter = Callable[..., Any]


def waiting(
    enter: Enter,
    *,
    channel: str = "video",
    reason: str = REASON,
    username: str = "astrid",
    communication: str = "speech",
    **how: Any,
) -> Patient:
    """A patient who waits for a doctor."""
    patient: Patient = enter(Patient, username, **how)
    patient.arrive()
    patient.ask_for(CLINIC, "doctor", reason, channel, communication)
    return patient


def on_duty(enter: Enter, username: str = "maria.holmvik", **how: Any) -> Clinician:
    """A doctor on duty at the same clinic."""
    clinician: Clinician = enter(Clinician, username, **how)
    clinician.arrive()
    clinician.go_on_duty(CLINIC, "Läkare")
    return clinician


def in_visit(
    enter: Enter,
    *,
    channel: str = "video",
    clinician_how: Mapping[str, Any] | None = None,
    **patient_how: Any,
) -> tuple[Patient, Clinician]:
    """Both are in the same visit; by video they see each other."""
    patient = waiting(enter, channel=channel, **patient_how)
    clinician = on_duty(enter, **(clinician_how or {}))
    clinician.take(REASON)
    patient.go_in()
    return patient, clinician


def in_call(enter: Enter, **patient_how: Any) -> tuple[Patient, Clinician]:
    """Both see each other's picture."""
    patient, clinician = in_visit(enter, **patient_how)
    patient.sees_picture()
    clinician.sees_picture()
    return patient, clinician
