"""The numbers that govern care, each with the day from which it holds (docs/rules.md).

They are kept in versions so that an old visit can be read with the rules of its own day.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class CareRules:
    """One version of the rules."""

    valid_from: datetime
    answer_within: timedelta
    """How long a called patient has to answer before it counts as no answer."""
    rest: timedelta
    """For how long `next` passes over a patient who did not answer."""
    requeues: int
    """How many times no answer leads back to the queue."""
    least_samples: int
    """With fewer ended visits than this, nothing honest can be said about the wait."""
    sample_window: int
    """How many of the newest ended visits the median is taken over."""
    range_low: float
    range_high: float
    """The bounds of the told wait, as shares of the estimate."""
    range_step: int
    """Minutes that bounds are rounded to: down for the low one, up for the high one."""


_VERSIONS = (
    CareRules(
        valid_from=datetime(2020, 1, 1, tzinfo=UTC),
        answer_within=timedelta(minutes=5),
        rest=timedelta(minutes=10),
        requeues=1,
        least_samples=5,
        sample_window=30,
        range_low=0.75,
        range_high=1.5,
        range_step=5,
    ),
)


def rules_at(moment: datetime) -> CareRules:
    """The rules that hold at ``moment``; before the first version, the first."""
    valid = [version for version in _VERSIONS if version.valid_from <= moment]
    return valid[-1] if valid else _VERSIONS[0]
