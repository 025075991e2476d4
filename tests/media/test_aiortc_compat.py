"""What `_aiortc_compat` expects of aiortc and pylibsrtp: says what broke on an upgrade."""

import inspect

import aiortc
import pylibsrtp
from aiortc import rtcdtlstransport
from aiortc.rtcdtlstransport import RTCDtlsParameters, RTCDtlsTransport, State
from pylibsrtp._binding import ffi, lib

from signaling.media import _aiortc_compat as compat


def test_the_minor_version_is_the_one_that_was_read() -> None:
    assert aiortc.__version__.startswith("1.16."), (
        "read rtcdtlstransport.py again, then change this"
    )
    assert pylibsrtp.__version__.startswith("1."), "read pylibsrtp again, then change this"


def test_the_transport_only_needs_what_the_pipe_has() -> None:
    source = inspect.getsource(rtcdtlstransport.RTCDtlsTransport)
    used = set()
    for part in source.split("self.transport.")[1:]:
        used.add(part.split("(")[0].split(",")[0].split()[0])
    assert used <= {"_recv", "_send", "role", "state"}


def test_the_private_names_are_there() -> None:
    assert {"_set_role", "_state", "_rx_srtp", "_tx_srtp"} <= set(
        RTCDtlsTransport.__init__.__code__.co_names
    ) | set(vars(RTCDtlsTransport))
    assert {s.name for s in State} == {"NEW", "CONNECTING", "CONNECTED", "CLOSED", "FAILED"}
    assert "_srtp" in pylibsrtp.Session.__init__.__code__.co_names
    assert list(inspect.signature(RTCDtlsTransport.start).parameters) == [
        "self",
        "remoteParameters",
    ]
    assert next(iter(inspect.signature(RTCDtlsParameters).parameters)) == "fingerprints"


def test_libsrtp_is_called_as_before() -> None:
    for name in ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp"):
        kind = ffi.typeof(getattr(lib, name))
        assert [a.cname for a in kind.args][1:] == ["void *", "int *"], name


def test_resending_is_allowed() -> None:
    # The plain resend (a peer without RTX) repeats a sequence number with the same bytes.
    assert "tx_policy.allow_repeat_tx = True" in inspect.getsource(RTCDtlsTransport._setup_srtp)


def test_in_place_work_on_a_buffer() -> None:
    policy = pylibsrtp.Policy(key=bytes(30), ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    back = pylibsrtp.Policy(key=bytes(30), ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND)
    sender, receiver = pylibsrtp.Session(policy), pylibsrtp.Session(back)
    packet = bytes.fromhex("806f0001000000010000000a") + b"payload"
    buffer = compat.PacketBuffer()
    buffer.view[: len(packet)] = packet
    buffer.length[0] = len(packet)
    assert compat.srtp_protect(sender._srtp[0], buffer.cdata, buffer.length) == 0
    sealed = bytes(buffer.view[: buffer.length[0]])
    assert sealed != packet
    assert receiver.unprotect(sealed) == packet


def test_the_certificate_has_a_fingerprint_for_the_offer() -> None:
    fingerprint = compat.fingerprint_of(compat.make_certificate())
    assert fingerprint.algorithm == "sha-256"
    assert len(fingerprint.value.split(":")) == 32
