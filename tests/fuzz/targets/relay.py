"""The relay's whole datagram entry, with a visit going on between real peers: two, or a crowd."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import ClassVar

from pylibsrtp import Error as SrtpError
from typing_extensions import override

from signaling.media import limits, rtcp, rtp, slots, stun
from tests.fuzz.harness import Target
from tests.fuzz.mutate import broken, noise
from tests.fuzz.targets.rtcp import compound, lying
from tests.fuzz.targets.rtp import packet
from tests.fuzz.targets.stun import attributes, sealed
from tests.fuzz.world import MemoryPeer, MemoryRelay

_STRANGER = 255
_OF_LEGS = ("nack_hits", "nack_upstream", "keyframes_asked")
_PEOPLE = ("patient", "clinician", "daughter", "interpreter", "nurse", "student")
_ELSEWHERE = ("127.0.0.1", 9)


class Datagrams(Target):
    """Garbage, mutated packets of every kind, and nonsense under a good seal."""

    name = "relay"
    episode = 2000
    # The sections whose numbers are asked for again.
    watched: ClassVar[Sequence[int]] = (slots.video_mid(0),)
    # Two video streams' caches hold at most 512 packets each of at most 4096 bytes.
    malloced = 6 << 20
    reaches = frozenset(
        {
            "forwarded", "not_sent", "unknown", "srtp_failures", "stun_answered", "stun_unknown",
            "stun_unauthentic", "stun_malformed", "stun_replayed", "rtp_malformed",
            "rtcp_malformed", "rtx_restored", "rtx_probes", "nack_hits", "nack_upstream",
            "keyframes_asked",
        }
    )  # fmt: skip

    def people(self, rng: Random) -> int:
        """How many are in the visit."""
        return 2

    @override
    async def open(self, rng: Random) -> None:
        self.world = MemoryRelay()
        self.names = _PEOPLE[: self.people(rng)]
        self.world.socket.peers[_ELSEWHERE] = self._stranger
        self.rng = Random(rng.random())
        self.turns = 0
        self.counted = Counter[str]()
        self.peers: list[MemoryPeer] = []
        self.legs = [""] * len(self.names)
        self.seen: list[bytes] = []
        for who in range(len(self.names)):
            await self._join(who)
        self._forwards()

    async def _join(self, who: int) -> None:
        """A peer comes, perhaps in place of its former self; of any of the kinds there are."""
        rng, role = self.rng, self.names[who]
        self.legs[who] = f"{role}{self.turns}"
        peer = await self.world.joined(
            role, self.legs[who], weak=rng.random() < 0.5, rtx=rng.random() < 0.7
        )
        for number in range(20):
            peer.send_audio(number)
            peer.send_video(number)
        peer.numbers = {peer.audio: 200, peer.video: 200, peer.screen: 200}
        self.peers[who : who + 1] = [peer]

    def _stranger(self, data: bytes) -> None:
        raise AssertionError(f"a stranger was answered: {data!r}")

    def _forwards(self) -> None:
        """What anybody says reaches every other."""
        for peer in self.peers:
            others = [other for other in self.peers if other is not peer]
            for other in others:
                other.forget()
            for number in range(100, 105):
                peer.send_audio(number, b"still here")
            for other in others:
                heard = sum(len(other.heard(slot)) for slot in range(slots.PEERS))
                assert heard == 5, f"{heard} of 5 packets are forwarded"

    def _seal(self, peer: MemoryPeer, clear: bytes, *, rtp_: bool) -> bytes:
        """Under the peer's keys; as it is, when libsrtp refuses to seal such a thing."""
        session = peer.dtls._tx_srtp
        own = {peer.audio, peer.video, peer.video_rtx, peer.screen, peer.screen_rtx}
        try:
            if not rtp_:
                return bytes(session.protect_rtcp(clear))
            ssrc = int.from_bytes(clear[8:12], "big")
            if ssrc not in own:
                # The peer's own session must not be what grows here.
                session.remove_stream(ssrc)
            return bytes(session.protect(clear))
        except (SrtpError, ValueError):
            return clear

    def _give(self, peer: MemoryPeer, data: bytes) -> None:
        self.world.give(data, peer.address)

    @override
    def make(self, rng: Random) -> bytes:
        who = rng.randrange(len(self.names))
        peer = self.peers[who]
        kind = rng.random()
        if kind < 0.35:
            data = self._rtp(rng, peer)
        elif kind < 0.60:
            mid = rng.choice(self.watched)
            about = (peer.given_audio, peer.given[mid][0], peer.video, peer.audio)
            clear = (compound if rng.random() < 0.6 else lying)(rng, about)
            if rng.random() < 0.2:
                clear = broken(rng, clear, self.seen)
            if rng.random() < 0.5:
                # A receiver's nack for what it was just sent.
                recent = self._recent(who, mid)
                clear += rtcp.nack(peer.given[mid][0], (recent - n & 0xFFFF for n in range(40)))
            data = self._seal(peer, clear[:1400], rtp_=False)
        elif kind < 0.75:
            data = self._check(rng, peer)
        elif kind < 0.78 and self.seen:  # the same once more, from elsewhere
            data, who = rng.choice(self.seen), _STRANGER
        elif kind < 0.85 and self.seen:
            data = broken(rng, rng.choice(self.seen), self.seen)
            who = rng.choice((who, _STRANGER))
        elif kind < 0.9:
            data = bytes([rng.randrange(20, 64)]) + noise(rng)
        else:
            first = bytes([rng.choice((0, 1, 3, 19, 20, 63, 64, 127, 128, 144, 191, 192, 255))])
            data = (first + noise(rng, 9000))[: rng.choice((0, 1, 2, 11, 12, 13, 9000))]
            who = rng.choice((who, _STRANGER))
        if len(self.seen) < 200:
            self.seen.append(data)
        elif data:
            self.seen[rng.randrange(200)] = data
        return bytes([who]) + data

    def _recent(self, who: int, mid: int) -> int:
        return self.world.relay._legs[self.legs[who]].down[mid].highest

    def _rtp(self, rng: Random, peer: MemoryPeer) -> bytes:
        usual = self.sent(peer)
        ssrc = rng.choice((peer.video, *usual))
        kind = usual[ssrc]
        if rng.random() < 0.04:
            ssrc = rng.choice((1, rng.getrandbits(32)))
            kind = rng.choice((rtp.VP8, rtp.OPUS, rtp.RTX, 0, 0, 63, 96, 127))
        elif rng.random() < 0.05:
            kind = rng.choice((rtp.VP8, rtp.OPUS, rtp.RTX, 0, 63, 127))
        step = 1
        if rng.random() < 0.1:
            step = rng.choice(
                (2, 3, 0, -1, -3, 20, rng.choice((400, rng.randrange(-70000, 70000))))
            )
        number = peer.numbers.get(ssrc, 1000) + step
        if ssrc in usual:
            peer.numbers[ssrc] = number
        clear = packet(rng, ssrc, kind, number)
        if kind == rtp.RTX and rng.random() < 0.7:
            of = peer.screen if ssrc == peer.screen_rtx else peer.video
            lost = peer.numbers[of] - rng.randrange(30)
            clear = clear[:12] + (lost & 0xFFFF).to_bytes(2, "big") + clear[12:]
        if rng.random() < 0.1:
            clear = clear[:12] + broken(rng, clear[12:], self.seen)
        if rng.random() < 0.02:
            clear = clear.ljust(rng.choice((4060, 4080, 4086, 4096)), b"x")
        return self._seal(peer, clear, rtp_=True)

    def sent(self, peer: MemoryPeer) -> dict[int, int]:
        """What a peer sends, by SSRC: the payload type."""
        return {peer.video: rtp.VP8, peer.audio: rtp.OPUS, peer.video_rtx: rtp.RTX}

    def _check(self, rng: Random, peer: MemoryPeer) -> bytes:
        name = f"{peer.ufrag}:robo"
        match rng.randrange(6):
            case 0:
                return stun.request(rng.randbytes(12), name, peer.password, nominate=True)
            case 1:
                return stun.request(rng.randbytes(12), name, b"another password")
            case 2:
                return stun.request(rng.randbytes(12), "nobody:x", b"password")
            case 3:
                true = stun.request(rng.randbytes(12), name, peer.password)
                return broken(rng, true, self.seen)
            case _:
                return sealed(rng, attributes(rng, name), peer.password)

    @override
    async def take(self, data: bytes) -> str:
        who, datagram = data[0], data[1:]
        address = _ELSEWHERE if who == _STRANGER else self.peers[who].address
        self.world.give(datagram, address)
        for peer in self.peers:
            peer.forget()
            assert not peer.bad, "a packet arrived that can't be opened"
        self.world.events.clear()
        self.turns += 1
        self.world.tick(0.004)
        if self.turns % 50 == 0:
            for peer in self.peers:  # nobody falls silent for long
                self._give(
                    peer, stun.request(self.turns.to_bytes(12), f"{peer.ufrag}:robo", peer.password)
                )
            await asyncio.sleep(0)
        if self.turns % 300 == 0:  # where a numbering went astray, whoever sent it joins anew
            await self._anew(self.turns // 300 % len(self.names))
        return "given"

    async def _anew(self, who: int) -> None:
        self._count(self.legs[who])
        await self.peers[who].leave()
        await self._join(who)

    def _count(self, leg_id: str) -> None:
        leg = self.world.relay._legs[leg_id]
        for name in _OF_LEGS:
            self.counted[name] += getattr(leg.counters, name)

    @override
    def outcomes(self) -> dict[str, int]:
        for leg_id in self.legs:
            self._count(leg_id)
        stats = self.world.relay.stats()
        return self.counted | {name: stats[name] for name in self.reaches - set(_OF_LEGS)}

    @override
    async def close(self) -> None:
        relay = self.world.relay
        for leg in relay._legs.values():
            assert len(leg.up) + len(leg.rtx_sources) <= 2 * limits.MAX_SOURCES
            assert len(leg.paths) <= limits.MAX_PATHS
            assert all(len(source.nacked) <= 2 * limits.CACHE for source in leg.up.values())
        assert len(self.world.port.paths) <= len(self.names) * limits.MAX_PATHS
        self.turns += 1
        for who, peer in enumerate(list(self.peers)):
            await peer.leave()
            await self._join(who)
        self._forwards()
        for peer in self.peers:
            await peer.leave()
        await self.world.stop()
        assert not relay._legs
        assert not relay._by_ufrag
        assert not relay._visits
        assert not self.world.port.paths


class Crowd(Datagrams):
    """The same with three to six, who share their screens, come anew and restart ICE meanwhile."""

    name = "crowd"
    episode = 2000
    watched = (*(slots.video_mid(n) for n in range(slots.PEERS)), slots.SCREEN_MID)
    # Of each of six, two caches; those who have no RTX keep copies of what each is sent.
    malloced = 24 << 20
    reaches = Datagrams.reaches | {"shown", "hidden", "restarted", "screens"}

    @override
    def people(self, rng: Random) -> int:
        return rng.randrange(3, len(_PEOPLE) + 1)

    @override
    def sent(self, peer: MemoryPeer) -> dict[int, int]:
        return {**super().sent(peer), peer.screen: rtp.VP8, peer.screen_rtx: rtp.RTX}

    @override
    async def take(self, data: bytes) -> str:
        before = self.turns
        if before % 70 == 69:
            await self._stir(before // 70)
        return await super().take(data)

    async def _stir(self, turn: int) -> None:
        relay, who = self.world.relay, turn * 5 % len(self.names)
        match turn % 4:
            case 0 | 1:
                relay.present(self.legs[who], on=True)
                peer = self.peers[who]
                for _ in range(5):
                    peer.numbers[peer.screen] += 1
                    peer.send_screen(peer.numbers[peer.screen])
                self.counted["screens"] += any(p.saw_screen() for p in self.peers)
                relay.prefer(self.legs[who], on=turn % 8 == 0)
                self.counted["shown"] += 1
            case 2:
                peer = self.peers[who]
                peer.take(relay.restart(self.legs[who]))
                assert await peer.check()
                self.counted["restarted"] += 1
            case _:
                relay.present(self.legs[who], on=False)
                self.counted["hidden"] += 1
                await self._anew((who + 1) % len(self.names))

    @override
    def outcomes(self) -> dict[str, int]:
        for leg_id in self.legs:
            self._count(leg_id)
        stats = self.world.relay.stats()
        own = {*_OF_LEGS, "shown", "hidden", "restarted", "screens"}
        return self.counted | {name: stats[name] for name in self.reaches - own}
