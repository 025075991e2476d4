"""Connectivity checks, good and bad."""

import secrets

import pytest
from aioice import stun as reference
from hypothesis import given
from hypothesis import strategies as st

from signaling.media import stun

NUMBER = bytes(range(12))
GOOD = stun.request(NUMBER, "ours:theirs", b"password", nominate=True)


def test_our_checks_are_what_aioice_reads() -> None:
    message = reference.parse_message(GOOD)
    assert message.attributes["USERNAME"] == "ours:theirs"
    assert "USE-CANDIDATE" in message.attributes
    assert message.check_message_integrity(b"password")


def test_aioices_checks_are_what_we_read() -> None:
    message = reference.Message(
        message_method=reference.Method.BINDING, message_class=reference.Class.REQUEST
    )
    message.attributes["USERNAME"] = "ours:theirs"
    message.attributes["PRIORITY"] = 1
    message.attributes["ICE-CONTROLLING"] = 2
    message.add_message_integrity(b"password")
    request = stun.parse_request(bytes(message))
    assert request is not None
    assert (request.ufrag, request.nominated) == ("ours", False)
    assert request.is_signed_with(b"password")
    assert not request.is_signed_with(b"other")


@pytest.mark.parametrize(("host", "port"), [("192.0.2.7", 4711), ("2001:db8::7", 65535)])
def test_our_answers_are_what_aioice_reads(host: str, port: int) -> None:
    request = stun.parse_request(GOOD)
    assert request is not None
    message = reference.parse_message(stun.success(request, host, port, b"password"))
    assert message.message_class is reference.Class.RESPONSE
    assert message.transaction_id == NUMBER
    assert message.attributes["XOR-MAPPED-ADDRESS"] == (host, port)
    assert message.check_message_integrity(b"password")


def test_an_address_with_a_scope_is_answered() -> None:
    request = stun.parse_request(GOOD)
    assert request is not None
    assert stun.success(request, "fe80::1%lo", 1, b"p")


@pytest.mark.fuzz
@given(st.binary(max_size=200))
def test_noise_is_no_check(noise: bytes) -> None:
    assert stun.parse_request(noise) is None


@pytest.mark.fuzz
@given(st.binary(max_size=120))
def test_a_sound_frame_around_noise_is_survived(noise: bytes) -> None:
    body = noise[: len(noise) // 4 * 4]
    stun.parse_request(stun._seal(1, NUMBER, body, b"password"))


@pytest.mark.fuzz
@given(st.integers(0, len(GOOD) * 8 - 1))
def test_no_flipped_bit_passes(bit: int) -> None:
    bent = bytearray(GOOD)
    bent[bit // 8] ^= 1 << bit % 8
    assert stun.parse_request(bytes(bent)) is None


@pytest.mark.fuzz
@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=8))
def test_cut_or_longer_checks_are_noise(size: int, more: bytes) -> None:
    assert stun.parse_request(GOOD[:size]) is None
    if more:
        assert stun.parse_request(GOOD + more) is None


def test_what_follows_the_signature_is_not_believed() -> None:
    message = reference.Message(
        message_method=reference.Method.BINDING, message_class=reference.Class.REQUEST
    )
    message.attributes["USERNAME"] = "a:b"
    message.add_message_integrity(b"password")
    assert stun.parse_request(bytes(message)) is not None
    # aioice signs what stands before; a nomination slipped in behind must not count.
    raw = bytes(message)[:-8] + b"\x00\x25\x00\x00"
    size = (len(raw) - 20 + 8).to_bytes(2, "big")
    raw = raw[:2] + size + raw[4:]
    raw += b"\x80\x28\x00\x04" + reference.message_fingerprint(raw + bytes(8)).to_bytes(4, "big")
    found = stun.parse_request(raw)
    assert found is None or not found.nominated


def test_transaction_ids_are_echoed() -> None:
    number = secrets.token_bytes(12)
    request = stun.parse_request(stun.request(number, "a:b", b"p"))
    assert request is not None
    assert stun.success(request, "127.0.0.1", 1, b"p")[8:20] == number
