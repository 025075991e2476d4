"""What a browser writes into its packets beside the media: header extensions and reports."""

from __future__ import annotations

import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from aiortc import clock
from aiortc.rtp import RtcpPsfbPacket, RtcpRrPacket, RtcpSenderInfo, RtcpSrPacket, pack_remb_fci

_ONE_BYTE = 0xBEDE
_AFB = 15
#: Bits a second that a robot says it can take: enough never to be the limit.
_PLENTY = 2_500_000


@dataclass(frozen=True)
class Extensions:
    """The header extensions of one section (RFC 8285): its name, and when a packet was sent."""

    constant: bytes
    send_time: int | None

    @classmethod
    def of(cls, transceiver: Any) -> Self:
        """What was negotiated for this transceiver."""
        ids = {each.uri.rpartition("/")[2]: each.id for each in transceiver._headerExtensions}
        constant = b""
        for name, identifier in ids.items():
            if name.endswith("sdes:mid"):
                mid = transceiver.mid.encode()
                constant += bytes([identifier << 4 | len(mid) - 1]) + mid
            elif name.endswith("ssrc-audio-level"):
                constant += bytes([identifier << 4, 30])
        return cls(constant, ids.get("abs-send-time"))

    def now(self) -> bytes:
        """The block as it is sent at this moment."""
        block = self.constant
        if self.send_time is not None:
            fixed = int((time.time() % 64) * (1 << 18)) & 0xFFFFFF
            block += bytes([self.send_time << 4 | 2]) + fixed.to_bytes(3)
        if not block:
            return b""
        block += bytes(-len(block) % 4)
        return struct.pack("!HH", _ONE_BYTE, len(block) // 4) + block


def reports(mine: Sequence[tuple[int, int, int]], heard: Sequence[int]) -> list[bytes]:
    """Sender reports of (ssrc, stamp, packets), and a REMB for what is heard (RFC 3550, 5104)."""
    now = clock.current_ntp_time()
    made = [
        bytes(
            RtcpSrPacket(
                ssrc=ssrc,
                sender_info=RtcpSenderInfo(
                    ntp_timestamp=now,
                    rtp_timestamp=stamp & 0xFFFFFFFF,
                    packet_count=packets,
                    octet_count=0,
                ),
            )
        )
        for ssrc, stamp, packets in mine
    ]
    ssrc = mine[0][0]
    fci = pack_remb_fci(_PLENTY, list(heard))
    remb = RtcpPsfbPacket(fmt=_AFB, ssrc=ssrc, media_ssrc=0, fci=fci)
    return [*made, bytes(RtcpRrPacket(ssrc=ssrc, reports=[])) + bytes(remb)]
