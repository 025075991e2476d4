"""What is said of one leg over the control socket: for an operator who looks at one call."""

from dataclasses import asdict
from typing import Any

from signaling.media.budget import Held
from signaling.media.leg import Leg


def leg_stats(leg: Leg, now: float) -> dict[str, Any]:
    """Its state, its counters, and how it is now; no address."""
    videos = leg.video_streams()
    trips = [video.round_trip for video in videos if video.round_trip is not None]
    return {
        "visit_id": leg.visit_id,
        "state": leg.state,
        "silent_ms": int((now - leg.heard) * 1000),
        "remb": leg.estimate.bitrate,
        "pictures": len(videos),
        "pictures_held": leg.budget.held is not Held.NONE,
        "line": asdict(leg.judge.verdict),
        "video_loss": max((video.fraction_lost for video in videos), default=0) / 256,
        "video_jitter_ms": max((v.jitter * 1000 / v.clock_rate for v in videos), default=0.0),
        "round_trip_ms": max(trips) * 1000 if trips else None,
        **asdict(leg.counters),
        "quality": asdict(leg.quality.summary(leg, now)),
    }
