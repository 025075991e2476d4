"""Lines between servers and media nodes: genuine, in order, each once, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.worker.sealing import NotGenuine, Seal, challenge, is_proof, proof

TOKEN = b"a token of thirty-two characters"
A, B = "a" * 64, "b" * 64


def test_a_proof_is_of_one_role_and_one_connection() -> None:
    true = proof(TOKEN, "server", A, B)
    assert is_proof(true, TOKEN, "server", A, B)
    for other in (
        proof(TOKEN, "node", A, B),
        proof(TOKEN, "server", B, A),
        proof(TOKEN, "server", A, A),
        proof(b"another", "server", A, B),
        true.upper(), true[:-1], "", None, 7, "é" * 64,
    ):  # fmt: skip
        assert not is_proof(other, TOKEN, "server", A, B)
    assert challenge() != challenge()


@pytest.mark.property
@given(st.lists(st.binary(max_size=200)), st.data())
def test_what_was_sealed_opens_in_its_order_alone(lines: list[bytes], data: st.DataObject) -> None:
    ours, theirs = (Seal(TOKEN, "node", A, B) for _ in range(2))
    sealed = [ours.close(line) for line in lines]
    assert [theirs.open(each) for each in sealed] == lines
    if not sealed:
        return
    at = data.draw(st.integers(0, len(sealed) - 1))
    fresh = Seal(TOKEN, "node", A, B)
    for each in sealed[:at]:
        fresh.open(each)
    true = sealed[at]
    spot = data.draw(st.integers(0, len(true) - 1))
    bent = true[:spot] + bytes([true[spot] ^ 1]) + true[spot + 1 :]
    with pytest.raises(NotGenuine):
        fresh.open(bent)


@pytest.mark.parametrize(
    ("sender", "node", "server"), [("server", A, B), ("node", B, A), ("node", A, A)]
)
def test_another_direction_or_connection_does_not_open(sender: str, node: str, server: str) -> None:
    line = Seal(TOKEN, "node", A, B).close(b"{}")
    with pytest.raises(NotGenuine):
        Seal(TOKEN, sender, node, server).open(line)


def test_a_line_twice_and_a_line_left_out_do_not_open() -> None:
    ours, theirs = Seal(TOKEN, "node", A, B), Seal(TOKEN, "node", A, B)
    first, second = ours.close(b"one"), ours.close(b"two")
    assert theirs.open(first) == b"one"
    with pytest.raises(NotGenuine):
        theirs.open(first)
    late = Seal(TOKEN, "node", A, B)
    with pytest.raises(NotGenuine):
        late.open(second)
