"""Errors carry what a person needs."""

from server.kit.errors import Busy, Conflict, DomainError


def test_an_error_carries_its_meaning() -> None:
    class QueueShut(Conflict):
        code = "test.shut"

    error = QueueShut("Come back.", next_opening="2026-01-01T07:00:00Z")
    assert error.problem() == {
        "type": "about:blank",
        "title": "Not possible now",
        "status": 409,
        "code": "test.shut",
        "detail": "Come back.",
        "next_opening": "2026-01-01T07:00:00Z",
    }
    assert isinstance(error, DomainError)
    assert error.headers() == {}
    assert Busy(retry_after=3).headers() == {"Retry-After": "3"}
    # An extra can't pretend to be another problem.
    assert Conflict("x", status=200).problem()["status"] == 409
