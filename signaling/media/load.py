"""How much a worker forwards, measured once a second. Pure."""

from signaling.media.limits import REPORT_INTERVAL


class Load:
    """Bits a second, and whether that is as much as a worker is to forward."""

    __slots__ = ("_measured_at", "_octets", "_ticked_at", "bitrate", "most")

    def __init__(self, most: int, now: float) -> None:
        self.most = most
        self.bitrate = 0.0
        self._octets = 0
        self._measured_at = self._ticked_at = now

    @property
    def full(self) -> bool:
        """Whether no new visit is to begin here."""
        return self.bitrate >= self.most

    def tick(self, octets: int, now: float) -> float:
        """Note how many octets were forwarded so far; the seconds since the tick before."""
        passed, self._ticked_at = now - self._ticked_at, now
        if now - self._measured_at >= REPORT_INTERVAL:
            self.bitrate = (octets - self._octets) * 8 / (now - self._measured_at)
            self._octets, self._measured_at = octets, now
        return passed
