"""The relay: opens, joins and ends legs, and keeps their time. Packets pass in `packets.py`."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple
from typing import Any

from signaling.media import feedback, holding, limits, sdp, slots, sockets
from signaling.media._aiortc_compat import (
    DtlsSession,
    PacketBuffer,
    Srtp,
    fingerprint_of,
    make_certificate,
)
from signaling.media.errors import LegExists, MediaFull, NoSuchLeg, VisitFull
from signaling.media.events import (
    LegJudged,
    LegMediaChanged,
    LegOver,
    LegSlotsChanged,
    LegStateChanged,
    RelayEvent,
)
from signaling.media.leg import Leg
from signaling.media.load import Load
from signaling.media.packets import PacketEngine
from signaling.media.quality import WorkerQuality
from signaling.media.states import LegState, due
from signaling.media.stats import leg_stats
from signaling.media.tcp import TcpGate, TcpPlace
from signaling.media.visit import Visit, has_room, slots_of


class Relay:
    """All legs of one worker. Runs on the current event loop, from `start` to `stop`."""

    def __init__(
        self,
        addresses: Sequence[str],
        port: int = 0,
        *,
        on_event: Callable[[RelayEvent], None] = lambda event: None,
        clock: Callable[[], float] = time.monotonic,
        capacity: int = limits.MAX_LEGS,
        bitrate: int = limits.WORKER_BITRATE,
        tcp: TcpPlace | None = None,
    ) -> None:
        self.ports = sockets.open_ports(addresses, port)
        self.addresses = [(p.host, p.number) for p in self.ports]
        self.capacity = capacity
        self.load = Load(bitrate, clock())
        self.draining = False
        self._certificate = make_certificate()
        self._fingerprint = fingerprint_of(self._certificate)
        self._clock = clock
        self._on_event = on_event
        self._legs: dict[str, Leg] = {}
        self._visits: dict[str, Visit] = {}
        self._by_ufrag: dict[str, Leg] = {}
        self._scratch = PacketBuffer()
        self.packets = PacketEngine(self._by_ufrag, clock)
        self.quality = WorkerQuality()
        self.gate = TcpGate(
            sockets.open_listeners(addresses, tcp.port) if tcp is not None else (),
            self.packets.read,
            clock,
            capacity * limits.TCP_LINKS_EACH_LEG,
        )
        shown = tcp.announced if tcp is not None else 0
        self.tcp_addresses = [(host, shown or number) for host, number in self.gate.addresses]
        self._opened = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to read and to keep time."""
        for port in self.ports:
            self.packets.attach(port)
        self.gate.start()
        self._timer = asyncio.get_running_loop().call_later(limits.TICK, self._tick)

    def stop_legs(self) -> None:
        """Say goodbye to every peer; the goodbyes leave with the loop's next turn."""
        for leg in list(self._legs.values()):
            self._drop(leg, LegState.CLOSED)

    def stop(self) -> None:
        """Close every leg and socket."""
        if self._timer is not None:
            self._timer.cancel()
        self.stop_legs()
        for port in self.ports:
            self.packets.detach(port)
            port.sock.close()
        self.gate.stop()

    # -- signalling ---------------------------------------------------------------------------

    def open(self, visit_id: str, leg_id: str, participant: str, *, echo: bool = False) -> str:
        """Open a leg and return its offer; it replaces the leg that the participant has.

        `echo`: the leg is alone, is sent what it sends, and ends by itself.
        """
        if leg_id in self._legs:
            raise LegExists("this leg is open already")
        now = self._clock()
        visit = self._visits.get(visit_id) or Visit(now + limits.ECHO_FOR if echo else None)
        before = visit.legs.get(participant)
        others = len(visit.legs) - (before is not None)
        if others >= (1 if visit.echo or echo else slots.MAX_PARTICIPANTS):
            raise VisitFull("the visit is full")
        if refusal := self._full(visit, before, echo=echo):
            raise MediaFull(refusal)
        if before is not None:
            self._drop(before, LegState.CLOSED, told=False)
        self._visits[visit_id] = visit
        leg = Leg(leg_id, visit_id, participant, now, self._state_changed)
        leg.dtls = DtlsSession(
            self._certificate,
            leg.send,
            on_ready=lambda srtp: self._secured(leg, srtp),
            on_ended=lambda how: self._ended(leg, how),
            scratch=self._scratch,
        )
        self._legs[leg_id] = leg
        self._by_ufrag[leg.credentials.ufrag] = leg
        visit.add(leg)
        self._opened += 1
        self._tell_slots(visit)
        return self._offer(leg)

    def _full(self, visit: Visit, before: Leg | None, *, echo: bool) -> str:
        """Why there is no room for a leg; empty when there is."""
        if self.draining:
            return "draining"
        legs = len(self._legs) - (before is not None)
        if not has_room(legs, self.capacity, self._visits.values(), echo=echo):
            return "all legs are taken"
        # Who is in a visit here can be heard by its others nowhere else.
        return "" if visit.legs or not self.load.full else "the bitrate is taken"

    def answer(self, leg_id: str, text: str) -> None:
        """Take a peer's answer; raises `BadSdp`, and the leg stays as it was."""
        leg = self._leg(leg_id)
        fingerprints = leg.take_answer(sdp.parse_answer(text))
        if fingerprints is not None and leg.dtls is not None:
            leg.to(LegState.CONNECTING, self._clock())
            leg.dtls.start(fingerprints)
        else:
            self._wire(leg)

    def restart(self, leg_id: str) -> str:
        """An offer with new ICE credentials under the same DTLS session (RFC 8839)."""
        leg = self._leg(leg_id)
        if leg.previous is not None:  # the one in between was never used
            self._by_ufrag.pop(leg.credentials.ufrag, None)
        leg.restart(self._clock())
        self._by_ufrag[leg.credentials.ufrag] = leg
        return self._offer(leg)

    def present(self, leg_id: str, *, on: bool) -> None:
        """Show this leg's screen to the others, instead of anybody's before; or no longer."""
        leg = self._leg(leg_id)
        visit = self._visits[leg.visit_id]
        if (on or visit.presenter is leg) and visit.present(leg if on else None):
            leg.ask_video_keyframe(self._clock())  # a screen at rest sends little by itself
            self._tell_slots(visit)

    def prefer(self, leg_id: str, *, on: bool) -> None:
        """Give this leg's picture its share of a receiver's link first, and hold it back last."""
        leg = self._leg(leg_id)
        self._visits[leg.visit_id].prefer(leg, on=on)

    def switch(self, leg_id: str, *, pictures: bool, on_hold: bool) -> None:
        """Send a leg the cameras' pictures, or not; on hold nothing is sent to it or from it."""
        leg = self._leg(leg_id)
        visit = self._visits[leg.visit_id]
        if holding.switch(leg, visit, pictures=pictures, on_hold=on_hold, now=self._clock()):
            self._tell_word(leg)

    def seen(self, leg_id: str) -> LegSlotsChanged:
        """What a leg is sent now, as of its offer."""
        leg = self._leg(leg_id)
        return slots_of(leg, self._visits[leg.visit_id])

    def close(self, leg_id: str) -> None:
        """Close a leg; what the others had of it stays, silent."""
        self._drop(self._leg(leg_id), LegState.CLOSED)

    @property
    def legs_open(self) -> int:
        """How many legs there are."""
        return len(self._legs)

    def drain(self) -> None:
        """Take no new legs; those that are open go on."""
        self.draining = True

    def stats(self) -> dict[str, Any]:
        """Counters of the worker and of each leg; no address, and nothing of a person."""
        now = self._clock()
        legs = list(self._legs.values())
        return {
            "legs_open": len(legs),
            "states": Counter(leg.state.value for leg in legs),
            "visits_open": len(self._visits),
            "draining": self.draining,
            "capacity": self.capacity,
            "bits_per_second": int(self.load.bitrate),
            "full": self.load.full or len(legs) >= self.capacity,
            "dropped_by_kernel": sum(sockets.dropped(port) for port in self.ports),
            "legs_opened": self._opened,
            **asdict(self.packets.counters),
            **asdict(self.gate.counters),
            "tcp_open": len(self.gate.links),
            **self.quality.shown(legs),
            "legs": {leg.id: leg_stats(leg, now) for leg in legs},
        }

    def _leg(self, leg_id: str) -> Leg:
        leg = self._legs.get(leg_id)
        if leg is None:
            raise NoSuchLeg("no such leg")
        return leg

    def _offer(self, leg: Leg) -> str:
        return sdp.offer(
            session=leg.session,
            version=leg.version,
            addresses=self.addresses,
            credentials=leg.credentials,
            fingerprint=self._fingerprint,
            streams=leg.streams,
            tcp=self.tcp_addresses,
        )

    # -- a leg's life -------------------------------------------------------------------------

    def _state_changed(self, leg: Leg) -> None:
        self.quality.changes[leg.state.value] += 1
        self._on_event(LegStateChanged(leg.id, leg.visit_id, leg.state))

    def _secured(self, leg: Leg, srtp: Srtp) -> None:
        """The handshake is done: media may flow, and the newcomer needs a whole picture."""
        now = self._clock()
        leg.srtp = srtp
        leg.heard = now
        leg.to(LegState.CONNECTED, now)
        self._wire(leg)

    def _ended(self, leg: Leg, how: str) -> None:
        """The DTLS session is over: the peer said goodbye, or the handshake failed."""
        if leg.id in self._legs:
            self._drop(leg, LegState.CLOSED if how == "closed" else LegState.FAILED)

    def _drop(self, leg: Leg, state: LegState, *, told: bool = True) -> None:
        del self._legs[leg.id]
        for credentials in (leg.credentials, leg.previous):
            if credentials is not None:
                self._by_ufrag.pop(credentials.ufrag, None)
        visit = self._visits[leg.visit_id]
        visit.remove(leg)
        if not visit.legs:
            del self._visits[leg.visit_id]
        if told:
            self._tell_slots(visit)
        now = self._clock()
        self.quality.gone(leg)
        summary = leg.quality.summary(leg, now)
        if leg.dtls is not None:
            leg.dtls.stop(leg.path)
        for path in list(leg.paths):
            leg.forget(path)
        leg.let_go()
        self._on_event(LegOver(leg.id, leg.visit_id, state, summary))
        leg.to(state, now)

    def _wire(self, leg: Leg) -> None:
        """A leg can be sent to, or takes more than before."""
        holding.feed(leg, self._visits[leg.visit_id], self._clock())

    def _tell_word(self, leg: Leg) -> None:
        self._on_event(LegJudged(leg.id, *astuple(leg.judge.verdict)))

    def _tell_slots(self, visit: Visit) -> None:
        for leg in visit.legs.values():
            self._on_event(slots_of(leg, visit))

    def _tick(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(limits.TICK, self._tick)
        now = self._clock()
        since_tick = self.load.tick(self.packets.counters.bytes_forwarded, now)
        self.gate.tick(now)
        for leg in list(self._legs.values()):
            leg.grant(since_tick)
            move = due(leg.state, since=leg.since, heard=leg.heard, now=now)
            if self._visits[leg.visit_id].over(now):
                move = LegState.CLOSED
            if move in (LegState.FAILED, LegState.CLOSED):
                self._drop(leg, move)
                continue
            if move is not None:
                leg.to(move, now)
                if move is LegState.CONNECTED:
                    leg.ask_incoming_keyframes(now)
                    leg.ask_video_keyframe(now)
            if (flowing := leg.flowing(now)) != leg.media:
                leg.media = flowing
                self._on_event(LegMediaChanged(leg.id, *flowing))
            if passed := feedback.report(leg, now):
                self.quality.sample(leg, passed)
                if holding.judge(leg, now):
                    self._tell_word(leg)
            if now >= leg.arrivals.due:
                feedback.tell_arrivals(leg, now)
            feedback.serve_waiting_keyframes(leg, now)
            if self._visits[leg.visit_id].review(leg, now):
                self._on_event(slots_of(leg, self._visits[leg.visit_id]))
