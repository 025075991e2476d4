"""Only the two parties of an open visit hear of each other's presence."""

from signaling.presence.pairs import Pair, Pairs

V1 = "01890000-0000-7000-8000-000000000001"
V2 = "01890000-0000-7000-8000-000000000002"


def test_both_hear_of_the_other_until_the_visit_is_over() -> None:
    pairs = Pairs()
    pairs.note(Pair(V1, "anna", "bo"), is_open=True)
    pairs.note(Pair(V2, "cia", "bo"), is_open=True)
    pairs.note(Pair(V1, "anna", "bo"), is_open=True)
    told = [
        (role, to, hint.visit_id, hint.role) for role, to, hint in pairs.hints("bo", online=False)
    ]
    assert told == [("patient", "anna", V1, "clinician"), ("patient", "cia", V2, "clinician")]
    assert [to for _, to, _ in pairs.hints("anna", online=True)] == ["bo"]
    pairs.note(Pair(V1, "anna", "bo"), is_open=False)
    pairs.note(Pair(V1, "anna", "bo"), is_open=False)
    assert not list(pairs.hints("anna", online=True))
    assert [to for _, to, _ in pairs.hints("bo", online=True)] == ["cia"]
    assert len(pairs) == 1
