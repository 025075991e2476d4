"""What the media workers count, for Prometheus: by worker, never by leg or visit.

Those would be labels without end, and would tell who was in a call when. How the legs are is shown
as distributions: each second of each leg is one observation.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from typing_extensions import override

# Name, help, the label beside the worker's, and its values with the names of the counters.
_COUNTERS: Final[Sequence[tuple[str, str, str, Mapping[str, str]]]] = (
    (
        "vardrum_media_packets", "Packets by direction", "way",
        {"in": "received", "out": "forwarded"},
    ),
    (
        "vardrum_media_noise", "What came and was not forwarded, by why", "why",
        {
            why: why
            for why in (
                "unknown", "srtp_failures", "not_sent", "over_limit", "rtp_malformed",
                "rtcp_malformed", "stun_unknown", "stun_unauthentic", "stun_malformed",
                "stun_replayed", "stun_too_many",
            )
        },
    ),
    (
        "vardrum_media_tcp_connections", "TCP connections by what became of them", "how",
        {
            "accepted": "tcp_accepted", "refused": "tcp_refused", "unproved": "tcp_unproved",
            "crowded_out": "tcp_crowded_out", "stalled": "tcp_stalled",
        },
    ),
)  # fmt: skip
_TOTALS: Final[Sequence[tuple[str, str, str, Mapping[str, str]]]] = (
    (
        "vardrum_media_lost_packets", "Packets asked for again, by who had them", "found",
        {"cache": "nack_hits", "sender": "nack_upstream"},
    ),
    (
        "vardrum_media_keyframe_requests", "Keyframes asked for of senders", "kind",
        {"pli": "keyframes_asked"},
    ),
    (
        "vardrum_media_send_errors", "Datagrams that the network did not take", "kind",
        {"send": "send_errors"},
    ),
)  # fmt: skip
_HISTOGRAMS: Final = (
    ("loss", "vardrum_media_loss_ratio", "Part of the packets lost in a second"),
    ("jitter", "vardrum_media_jitter_seconds", "Jitter of the sound"),
    ("bitrate", "vardrum_media_leg_bits_per_second", "What a leg sends and is sent"),
)

Stats = Mapping[str, Any]


class MediaGauges(Collector):
    """Shows what `ask` last told: `{workers: [counters or None]}`, as `WorkerPool.stats` gives.

    A worker is called by its `names` if there are any, as `NodePool.stats` gives, or else by its
    number: what is counted under one label must not go on under another.
    """

    def __init__(self, ask: Callable[[], Awaitable[Mapping[str, object]]]) -> None:
        self._ask = ask
        self._workers: dict[str, Stats | None] = {}

    async def refresh(self) -> None:
        """Ask the workers anew."""
        told: Any = await self._ask()
        workers: list[Stats | None] = told["workers"]
        names = told.get("names") or [str(number) for number in range(len(workers))]
        self._workers = dict(zip(names, workers, strict=True))

    @override
    def collect(self) -> Iterator[Metric]:
        """The families; of a worker that is away only that it is."""
        up = GaugeMetricFamily(
            "vardrum_media_worker_up", "Whether a worker answers", labels=["worker"]
        )
        for name, stats in self._workers.items():
            up.add_metric([name], float(stats is not None))
        yield up
        here = [(name, stats) for name, stats in self._workers.items() if stats]
        yield from _gauges(here)
        for families, inside in ((_COUNTERS, None), (_TOTALS, "totals")):
            for name, text, label, values in families:
                yield _counter(name, text, label, values, here, inside)
        changes = CounterMetricFamily(
            "vardrum_media_leg_changes", "Legs that moved to a state", labels=["worker", "state"]
        )
        for worker, stats in here:
            for state, count in stats["changes"].items():
                changes.add_metric([worker, state], count)
        yield changes
        yield from _histograms(here)


def _gauges(here: Sequence[tuple[str, Stats]]) -> Iterator[Metric]:
    legs = GaugeMetricFamily("vardrum_media_legs", "Open legs", labels=["worker", "state"])
    bitrate = GaugeMetricFamily(
        "vardrum_media_bits_per_second", "Media that is forwarded just now", labels=["worker"]
    )
    full = GaugeMetricFamily(
        "vardrum_media_full", "Whether a worker takes no new visits", labels=["worker"]
    )
    visits = GaugeMetricFamily("vardrum_media_visits", "Visits with legs", labels=["worker"])
    tcp = GaugeMetricFamily("vardrum_media_tcp_open", "Open TCP connections", labels=["worker"])
    restarts = CounterMetricFamily(
        "vardrum_media_worker_restarts", "Workers that had to be started anew", labels=["worker"]
    )
    dropped = CounterMetricFamily(
        "vardrum_media_rcvbuf_errors",
        "Datagrams that the kernel dropped for want of buffer (RcvbufErrors)",
        labels=["worker"],
    )
    octets = CounterMetricFamily(
        "vardrum_media_forwarded_bytes", "Media that was forwarded", labels=["worker"]
    )
    for worker, stats in here:
        for state, count in stats["states"].items():
            legs.add_metric([worker, state], count)
        visits.add_metric([worker], stats["visits_open"])
        tcp.add_metric([worker], stats["tcp_open"])
        bitrate.add_metric([worker], stats["bits_per_second"])
        full.add_metric([worker], float(stats["full"] or stats["draining"]))
        restarts.add_metric([worker], stats["restarts"])
        dropped.add_metric([worker], stats["dropped_by_kernel"])
        octets.add_metric([worker], stats["bytes_forwarded"])
    yield from (legs, bitrate, full, visits, tcp, restarts, dropped, octets)


def _counter(
    name: str,
    text: str,
    label: str,
    values: Mapping[str, str],
    here: Sequence[tuple[str, Stats]],
    inside: str | None,
) -> Metric:
    family = CounterMetricFamily(name, text, labels=["worker", label])
    for worker, stats in here:
        counters = stats if inside is None else stats[inside]
        for shown, key in values.items():
            family.add_metric([worker, shown], counters[key])
    return family


def _histograms(here: Sequence[tuple[str, Stats]]) -> Iterator[Metric]:
    trips = HistogramMetricFamily(
        "vardrum_media_round_trip_seconds", "Round trip to a leg's peer", labels=["worker"]
    )
    for worker, stats in here:
        _observe(trips, [worker], stats["round_trip"])
    yield trips
    for key, name, text in _HISTOGRAMS:
        family = HistogramMetricFamily(name, text, labels=["worker", "way"])
        for worker, stats in here:
            for way, seen in stats[key].items():
                _observe(family, [worker, way], seen)
        yield family


def _observe(family: HistogramMetricFamily, labels: Sequence[str], seen: Stats) -> None:
    bounds = [*(str(float(bound)) for bound in seen["bounds"]), "+Inf"]
    count, buckets = 0, []
    for bound, more in zip(bounds, seen["counts"], strict=True):
        count += more
        buckets.append((bound, float(count)))
    family.add_metric(labels, buckets, seen["sum"])
