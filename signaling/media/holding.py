"""What a person does without, by a word of their own: the others' pictures, or all for a while.

It is theirs alone: what others send, and what they are sent, goes on as it was. And how a leg's
line is weighed, of which the person is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signaling.media import budget
from signaling.media.estimate import Estimate
from signaling.media.verdict import Judge

if TYPE_CHECKING:
    from signaling.media.leg import Leg
    from signaling.media.visit import Visit


def switch(leg: Leg, visit: Visit, *, pictures: bool, on_hold: bool, now: float) -> bool:
    """Send a leg the cameras' pictures or not; on hold nothing goes to it nor comes from it.

    Returns whether the word for its line is another thereby.
    """
    before = leg.judge.verdict
    resumes = leg.on_hold and not on_hold
    returns = resumes or (pictures and not leg.pictures_wanted)
    leg.pictures_wanted, leg.on_hold = pictures, on_hold
    for mid, stream in leg.down.items():
        if not leg.receives(mid):
            stream.detach()
    if on_hold:
        for source in leg.up.values():
            source.release()
        # Nothing is measured meanwhile, and what was is over: a pause is no poor line.
        leg.judge = Judge()
    if resumes:
        for source in leg.up.values():
            if not source.retired:
                visit.wire(source)
        leg.ask_video_keyframe(now)
    if returns:
        # What its link could carry is long ago: it is found anew.
        leg.estimate = Estimate()
        leg.budget.allowed = None
        feed(leg, visit, now)
    return leg.judge.verdict != before


def feed(leg: Leg, visit: Visit, now: float) -> None:
    """A leg can be sent to, or takes more than before: it begins with whole pictures."""
    visit.wire_receiver(leg)
    leg.ask_incoming_keyframes(now)


def judge(leg: Leg, now: float) -> bool:
    """A second has passed: weigh how the leg's line is; whether the word for it is another."""
    if leg.on_hold:
        return False
    expected = sum(u.highest - u.first + 1 for u in leg.up.values())
    arrived = sum(u.received for u in leg.up.values())
    leg.judge.arrived(expected, arrived, now)
    allowed, shares = leg.budget.allowed, budget.shares(leg, now)
    # A link that is not full says nothing: little is sent because there is little to see.
    full = allowed is not None and leg.forwarded_bitrate >= budget.FULL * allowed
    pictures = full and shares is not None and bool(leg.video_streams())
    return leg.judge.weigh(shares.least if pictures and shares is not None else None, now)
