"""Every target by its name."""

from tests.fuzz.harness import Target
from tests.fuzz.targets.arrivals import Told
from tests.fuzz.targets.bus import Words
from tests.fuzz.targets.control import Parent, Worker
from tests.fuzz.targets.dtls import Dtls
from tests.fuzz.targets.http import Bodies, Headers
from tests.fuzz.targets.node import Node
from tests.fuzz.targets.relay import Crowd, Datagrams
from tests.fuzz.targets.rtcp import Rtcp
from tests.fuzz.targets.rtp import Rtp
from tests.fuzz.targets.sdp import Sdp
from tests.fuzz.targets.socket import Events, Frames
from tests.fuzz.targets.stun import Stun
from tests.fuzz.targets.tcp import Frames as TcpFrames

TARGETS: dict[str, type[Target]] = {
    kind.name: kind
    for kind in (
        Stun, Rtp, Rtcp, Told, Sdp, Datagrams, Crowd, TcpFrames, Dtls, Worker, Parent, Node, Words,
        Events, Frames, Bodies, Headers,
    )
}  # fmt: skip
